import * as sdk from './sdk/index.min.js';
import { decide } from './navigation.js';

globalThis.decided = decide(sdk);
