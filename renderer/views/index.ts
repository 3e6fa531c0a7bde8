// The views of the page, in the order of its navigation. A view is added here and nowhere else.

import type { ComponentType } from 'react';
import type { LiveModel } from '../client/live-model.ts';
import { Clients } from './clients/clients.tsx';
import { Destination } from './destination/destination.tsx';
import { Destinations } from './destinations/destinations.tsx';
import { Mail } from './mail/mail.tsx';
import { Overview } from './overview/overview.tsx';
import { Routes } from './routes/routes.tsx';
import { Scheduled } from './scheduled/scheduled.tsx';

export interface View {
  /** Its place in the address. */
  readonly path: string;
  readonly title: string;
  readonly component: ComponentType;
  /** One of its things, by the identifier in the address. */
  readonly detail?: ComponentType<{ readonly id: string }>;
  /** How many things it has, for the navigation. */
  readonly size?: (model: LiveModel) => number;
}

export const views: readonly [View, ...View[]] = [
  { path: 'overview', title: 'Overview', component: Overview },
  {
    path: 'destinations',
    title: 'Destinations',
    component: Destinations,
    detail: Destination,
    size: ({ destinations }) => destinations.size,
  },
  { path: 'scheduled', title: 'Scheduled', component: Scheduled, size: ({ overview }) => overview?.scheduled ?? 0 },
  { path: 'mail', title: 'Mail', component: Mail },
  { path: 'routes', title: 'Routes', component: Routes, size: ({ routes }) => routes.size },
  { path: 'clients', title: 'Clients', component: Clients, size: ({ clients }) => clients.size },
];
