package decision_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sortition/wasm/engine/datafile"
	"sortition/wasm/engine/decision"
)

const shop = `{"version":"4","revision":"1","projectId":"2","accountId":"1","experiments":[
	{"id":"1","key":"sort","status":"Running","layerId":"3","variations":[{"id":"11","key":"price"},{"id":"12","key":"category"}],
	 "trafficAllocation":[],"audienceIds":[]},
	{"id":"2","key":"banner","status":"Running","layerId":"4","variations":[{"id":"21","key":"red"}],"trafficAllocation":[],"audienceIds":[]}],
	"featureFlags":[{"id":"31","key":"shelf","experimentIds":["1"],"variables":[]}]}`

func TestSpecialIsWhatTheTextSays(t *testing.T) {
	p := mustParse(t, shop)
	u, profile := decision.User{ID: "Matt"}, decision.Profile{}
	err := u.ReadSpecial(`{"segments":["vip","\ud83d\ude42\ud800"],
		"decisions":[{"flag":0,"variation":"price"},{"variation":"","rule":"so\"rt","flag":0}],
		"forced":[{"experiment":1,"variation":2}], "else":[1],
		"remembered":[{"experiment":0,"variation":1},{"variation":0,"experiment":0}]}`, p, &profile)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"vip", "🙂\xed\xa0\x80"}, u.Segments); diff != "" {
		t.Errorf("segments (-want +got):\n%s", diff)
	}
	forced := []decision.Forced{{Flag: p.Flags[0], Variation: "price"}, {Flag: p.Flags[0], HasRule: true, Rule: `so"rt`}}
	for i, want := range forced {
		if got := u.Decisions[i]; got.Flag != want.Flag || got.HasRule != want.HasRule || got.Rule != want.Rule || got.Variation != want.Variation {
			t.Errorf("forced decision %d: %+v", i, got)
		}
	}
	assigned := slices.Concat(u.Forced, profile.Variations)
	want := []decision.Assignment{
		{Slot: 1, Variation: p.VariationByID("21")}, {Slot: 0, Variation: p.VariationByID("12")}, {Slot: 0, Variation: p.VariationByID("11")},
	}
	if len(assigned) != len(want) {
		t.Fatalf("%d assignments, want %d", len(assigned), len(want))
	}
	for i := range want {
		if assigned[i] != want[i] {
			t.Errorf("assignment %d: %+v", i, assigned[i])
		}
	}
}

func TestWhatIsWrongWithSpecialIsTold(t *testing.T) {
	p := mustParse(t, shop)
	for name, c := range map[string]struct{ text, want string }{
		"an index beyond the last one":    {`{"forced":[{"experiment":2,"variation":0}]}`, "forced[0].experiment"},
		"an index below zero":             {`{"decisions":[{"flag":-1}]}`, "decisions[0].flag"},
		"an index that is no number":      {`{"remembered":[{"variation":"0"}]}`, "remembered[0].variation"},
		"a text that ends before its end": {`{"segments":["vip"`, "ends too early"},
	} {
		t.Run(name, func(t *testing.T) {
			var u decision.User
			if err := u.ReadSpecial(c.text, p, &decision.Profile{}); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want %q in it", err, c.want)
			}
		})
	}
}

func FuzzReadSpecial(f *testing.F) {
	f.Add(`{"segments":["vip"],"decisions":[{"flag":0,"rule":"sort","variation":"price"}],"forced":[{"experiment":1,"variation":2}]}`)
	f.Add(`{"remembered":[{"experiment":1e0,"variation":0.5}],"x":{}}`)
	p := mustParse(f, shop)
	f.Fuzz(func(t *testing.T, text string) {
		var u decision.User
		if err := u.ReadSpecial(text, p, &decision.Profile{}); err == nil {
			var again decision.User
			if err := again.ReadSpecial(text, p, &decision.Profile{}); err != nil {
				t.Errorf("read once and not twice: %v", err)
			}
		}
	})
}

func mustParse(tb testing.TB, text string) *datafile.Project {
	tb.Helper()
	p, err := datafile.Parse(text)
	if err != nil {
		tb.Fatal(err)
	}
	return p
}
