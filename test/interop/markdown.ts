// Documents with tables that are made from data: between `<!-- table: NAME -->` and `<!-- end -->`.

/** The document with its tables as they are to be. Throws where a table has no place, or a place no table. */
export function filled(document: string, tables: Readonly<Record<string, () => string>>): string {
  const used = new Set<string>();
  const result = document.replace(
    /(<!-- table: (.+?) -->\n).*?(\n<!-- end -->)/gs,
    (_, begin: string, name: string, end: string) => {
      const make = tables[name];
      if (make === undefined) throw new Error(`there is no table "${name}"`);
      used.add(name);
      return `${begin}\n${make()}${end}`;
    },
  );
  const missing = Object.keys(tables).filter((name) => !used.has(name));
  if (missing.length > 0) throw new Error(`tables without a place in the document: ${missing.join(', ')}`);
  return result;
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |\n`;
  return line(head) + line(head.map(() => '---')) + rows.map(line).join('');
}
