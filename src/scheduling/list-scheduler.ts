import type { Scheduler, SchedulerDefinition, SchedulerDestination, SchedulerService } from './scheduler.ts';

/** A scheduler that remembers nothing: each choice is a function of the list as it is. */
export function listScheduler(
  name: string,
  choose: <D extends SchedulerDestination>(destinations: readonly D[]) => D | undefined,
): SchedulerDefinition {
  return {
    name,
    bind: <D extends SchedulerDestination>(service: SchedulerService<D>): Scheduler<D> => ({
      schedule: () => choose(service.destinations),
    }),
  };
}
