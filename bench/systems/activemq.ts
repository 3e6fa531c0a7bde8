// ActiveMQ Classic of Debian, with KahaDB as it comes: each write is synced before it is acknowledged. Debian's package
// has no AMQP.

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '../../test/support/free-port.ts';
import { installed, jars, openDirectory, startProgram } from './program.ts';
import { plainAddress } from './system.ts';
import type { Launcher, System } from './system.ts';

const java = installed('/usr/bin/java');
const home = '/usr/share/activemq/lib';
const classPath = [
  ...jars(home, ''),
  ...jars(join(home, 'optional'), ''),
  ...jars('/usr/share/java', 'spring', 'xbean-spring', 'log4j-', 'xstream', 'mqtt-client'),
];

export const isActivemqThere = java !== undefined && jars(home, 'activemq-broker').length > 0;

export const activemq: Launcher = {
  name: 'activemq',
  keeps: 'on disk',
  start: async (): Promise<System> => {
    const directory = await openDirectory();
    const stomp = await freePort();
    const mqtt = await freePort();
    const file = join(directory, 'activemq.xml');
    await writeFile(file, configuration({ directory, stomp, mqtt }));
    const program = await startProgram({
      command: java!,
      args: [
        '-Xmx1g',
        '-cp',
        classPath.join(':'),
        `-Dactivemq.home=${directory}`,
        `-Dactivemq.base=${directory}`,
        `-Dactivemq.data=${join(directory, 'data')}`,
        'org.apache.activemq.console.Main',
        'start',
        `xbean:file:${file}`,
      ],
      directory,
      ports: [stomp, mqtt],
    });
    return { name: 'activemq', ports: { stomp, mqtt }, address: plainAddress, ...program };
  },
};

function configuration({ directory, stomp, mqtt }: { directory: string; stomp: number; mqtt: number }): string {
  return `<beans xmlns="http://www.springframework.org/schema/beans"
  xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
  xsi:schemaLocation="http://www.springframework.org/schema/beans http://www.springframework.org/schema/beans/spring-beans.xsd
    http://activemq.apache.org/schema/core http://activemq.apache.org/schema/core/activemq-core.xsd">
  <broker xmlns="http://activemq.apache.org/schema/core" brokerName="peer" useJmx="false" dataDirectory="${directory}/data">
    <persistenceAdapter><kahaDB directory="${directory}/kahadb"/></persistenceAdapter>
    <transportConnectors>
      <transportConnector name="stomp" uri="stomp://127.0.0.1:${stomp}"/>
      <transportConnector name="mqtt" uri="mqtt://127.0.0.1:${mqtt}"/>
    </transportConnectors>
  </broker>
</beans>
`;
}
