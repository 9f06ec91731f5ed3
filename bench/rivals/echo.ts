import { listen } from './http.ts';

/** The floor: what HTTP and JSON alone cost for the same bodies. */
listen((body, reply) => reply(200, JSON.stringify(JSON.parse(body))));
