package main

import (
	_ "embed"
	"errors"
	"fmt"

	"sortition/relay/e2e/internal/browser"
)

//go:embed page/navigation/phases.js
var phasesScript string

// phases say when a page got where, in ms since its navigation began: its scripts had run as far as to ask for a module, the module was
// compiled and an instance there, the datafile was open, and it had decided. An empty program opens none.
type phases struct {
	Asked        float64 `json:"asked"`
	Instantiated float64 `json:"instantiated"`
	Opened       float64 `json:"opened"`
	Decided      float64 `json:"decided"`
}

// navigateByPhases visits a page once. Noting the phases costs a little, so that no other visit does.
func navigateByPhases(b *browser.Browser, url string) (phases, error) {
	p, err := b.OpenWith(url, phasesScript)
	if err != nil {
		return phases{}, err
	}
	defer p.Close()
	reached, err := browser.Eval[phases](p, "decided.then((decided) => ({ ...phases, decided }))")
	if err != nil {
		return phases{}, errors.Join(err, fmt.Errorf("%s says %q", url, p.Complaints()))
	}
	return reached, nil
}

// notePhases adds how long each phase took: of our page, and of one with an empty program.
func (t *table) notePhases(reached map[string][]phases) {
	for _, name := range []string{"ours", "empty"} {
		var asked, instantiated, opened, decided []float64
		for _, p := range reached[name] {
			start := max(p.Opened, p.Instantiated)
			asked, instantiated = append(asked, p.Asked), append(instantiated, p.Instantiated-p.Asked)
			opened, decided = append(opened, start-p.Instantiated), append(decided, p.Decided-start)
		}
		t.note("phases of a cold navigation, "+name+": scripts, module there, datafile open, the rest", fmt.Sprintf("%.0f + %.0f + %.0f + %.0f ms",
			spreadOf(asked).median, spreadOf(instantiated).median, spreadOf(opened).median, spreadOf(decided).median))
	}
}
