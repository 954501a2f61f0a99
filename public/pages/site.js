/** What every page does besides its own: it has a theme, opens without a network, and offers a newer site. */

import { NewerSite } from '../components/newer-site/newer-site.js';
import { ThemeSwitch } from '../components/theme-switch/theme-switch.js';
import { announce } from '../lib/announcer.js';
import { find } from '../lib/dom.js';
import { workOffline } from '../lib/offline.js';
import { followTheme } from '../lib/theme.js';

new ThemeSwitch(find(document, '.js-theme', HTMLButtonElement));
followTheme();

workOffline({
  onNewer: (takeOver) => {
    new NewerSite({ onReload: takeOver }).show();
    announce('A new version is here. Reload to use it.');
  },
});
