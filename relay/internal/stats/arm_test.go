package stats

import "testing"

func TestAPairIsReadyPastItsBurnIn(t *testing.T) {
	for _, test := range []struct {
		name                    string
		baseline, variation     int64
		ofBaseline, ofVariation int64
		ready, readyByNumber    bool
	}{
		{"enough of all", 100, 100, 25, 25, true, true},
		{"a visitor of the baseline too few", 99, 200, 25, 25, false, false},
		{"a visitor of the variation too few", 200, 99, 25, 25, false, false},
		{"a converter of the baseline too few", 100, 100, 24, 25, false, false},
		{"a converter of the variation too few", 100, 100, 25, 24, false, false},
		{"a quarter of the visitors in one arm", 100, 300, 25, 25, true, true},
		{"less than a quarter", 100, 301, 99, 99, true, false},
		{"less than a quarter in the other", 301, 100, 99, 99, true, false},
		{"less than a quarter, and enough converters", 100, 301, 100, 100, true, true},
	} {
		p := Pair{Baseline: Arm{N: test.baseline}, Variation: Arm{N: test.variation}}
		if got := Ready(p, test.ofBaseline, test.ofVariation, true); got != test.ready {
			t.Errorf("%s: ready by who converted: %v", test.name, got)
		}
		if got := Ready(p, test.ofBaseline, test.ofVariation, false); got != test.readyByNumber {
			t.Errorf("%s: ready by a number: %v", test.name, got)
		}
	}
}
