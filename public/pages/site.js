/** What every page does besides its own: it has a theme, opens without a network, and offers a newer site. */

import { NewerSite } from '../components/newer-site/newer-site.js';
import { ThemeSwitch } from '../components/theme-switch/theme-switch.js';
import { Announcer } from '../lib/announcer.js';
import { find } from '../lib/dom.js';
import { workOffline } from '../lib/offline.js';
import { followTheme } from '../lib/theme.js';

new ThemeSwitch(find(document, '.js-theme', HTMLButtonElement));
followTheme();

const announcer = new Announcer(find(document, '.js-announcer', HTMLElement));
workOffline({
  onNewer: (takeOver) => {
    new NewerSite({ onReload: takeOver }).show();
    announcer.say('A new version is here. Reload to use it.');
  },
});
