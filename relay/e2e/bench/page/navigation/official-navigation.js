import { decide } from './navigation.js';

globalThis.decided = decide(globalThis.optimizelySdk);
