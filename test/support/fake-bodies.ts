// Bodies of the fake engine's messages, and how they are shown.

export function shown(data: Buffer, bodyIsText = true) {
  return { bodyBytes: data.length, bodyBase64: data.toString('base64'), bodyIsText };
}

export function sampleBody(name: string, index: number): [Buffer, string, boolean] {
  if (index % 11 === 7) {
    return [
      Buffer.from(Array.from({ length: 300 }, (_, at) => (at * 37 + index) % 256)),
      'application/octet-stream',
      false,
    ];
  }
  if (index % 11 === 9) {
    return [Buffer.from(`<order id="${index}"><item sku="KB-87" n="2"/></order>`), 'application/xml', true];
  }
  const order = {
    order: 88_000 + index,
    source: name,
    customer: { id: `c-${index % 17}`, name: 'Grete Hermann' },
    items: [{ sku: 'KB-87', quantity: 1 + (index % 3), price: '129.00' }],
    note: null,
  };
  return [Buffer.from(JSON.stringify(order)), 'application/json', true];
}
