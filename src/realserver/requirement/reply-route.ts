import { familiesOf } from '../host-view.ts';
import type { Requirement, Situation } from './requirement.ts';

/** Replies go straight to the client, not back through the director: each family needs a way out. */
export function replyRouteRequirements({ settings, view }: Situation): readonly Requirement[] {
  return [...familiesOf(settings.virtualAddresses)].map((family) => {
    const name = family === 'inet' ? 'IPv4' : 'IPv6';
    const route = view.defaultRoutes.find((each) => each.family === family);
    if (route === undefined)
      return {
        id: 'reply_route',
        state: 'note',
        text: `without a default route of ${name}, only clients on known networks get replies`,
        advice: 'Add a default route by the router, not by the director: replies go to the clients straight.',
      };
    const link = view.links.find(({ index }) => index === (route.index ?? route.nextHops?.[0]?.index));
    const gateway = route.gateway ?? route.nextHops?.[0]?.gateway;
    const by = gateway === undefined ? '' : ` to ${gateway}`;
    return {
      id: 'reply_route',
      state: 'ok',
      text: `replies of ${name} leave by ${link?.name ?? 'the default route'}${by}, which must not be the director`,
    };
  });
}
