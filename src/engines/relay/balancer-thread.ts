import { workerData } from 'node:worker_threads';
import { type BalancerOptions, runBalancer } from './balancer/balancer-loop.ts';

runBalancer(workerData as BalancerOptions);
