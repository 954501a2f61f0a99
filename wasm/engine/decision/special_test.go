package decision_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"sortition/wasm/engine/bucketing"
	"sortition/wasm/engine/datafile"
	"sortition/wasm/engine/decision"
)

const shop = `{"version":"4","revision":"1","projectId":"2","accountId":"1","experiments":[
	{"id":"1","key":"sort","status":"Running","layerId":"3","variations":[{"id":"11","key":"price"},{"id":"12","key":"category"}],
	 "trafficAllocation":[],"audienceIds":[]},
	{"id":"2","key":"banner","status":"Running","layerId":"4","variations":[{"id":"21","key":"red"}],"trafficAllocation":[],"audienceIds":[]}],
	"featureFlags":[{"id":"31","key":"shelf","experimentIds":["1"],"variables":[]}]}`

func TestSpecialIsWhatTheTextSays(t *testing.T) {
	p := mustParse(t)
	u, profile := decision.User{ID: "Matt"}, decision.Profile{}
	err := u.ReadSpecial(`{"segments":["vip","\ud83d\ude42\ud800"],
		"decisions":[{"flag":"shelf","variation":"price"},{"variation":7,"rule":"so\"rt","flag":"shelf"},{"flag":"gone","variation":"x"},{}],
		"forced":{"2":"21","1":"gone"}, "else":[1],
		"remembered":{"1":12,"gone":"11","2":null}}`, p, &profile)
	if err != nil {
		t.Fatal(err)
	}
	got := decision.User{ID: "Matt", Forced: u.Forced, Decisions: u.Decisions}
	got.Segments = u.Segments
	want := decision.User{
		ID:     "Matt",
		Forced: []decision.Assignment{{Slot: 1, Variation: p.VariationByID("21")}},
		Decisions: []decision.Forced{
			{Flag: p.Flags[0], Variation: "price"},
			{Flag: p.Flags[0], HasRule: true, Rule: `so"rt`, Variation: "7"},
		},
	}
	want.Segments = []string{"vip", "🙂\xed\xa0\x80"}
	same := cmp.Options{
		cmpopts.IgnoreFields(decision.Forced{}, "_"), cmpopts.IgnoreUnexported(bucketing.Prefix{}),
		cmp.Comparer(func(a, b *datafile.Flag) bool { return a == b }), cmp.Comparer(func(a, b *datafile.Variation) bool { return a == b }),
	}
	if diff := cmp.Diff(want, got, same); diff != "" {
		t.Errorf("user (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]decision.Assignment{{Slot: 0, Variation: p.VariationByID("12")}}, profile.Variations, same); diff != "" {
		t.Errorf("profile (-want +got):\n%s", diff)
	}
}

func BenchmarkReadSpecialNoAlloc(b *testing.B) {
	p := mustParse(b)
	var u decision.User
	var profile decision.Profile
	b.ReportAllocs()
	for b.Loop() {
		u.Segments, u.Decisions, u.Forced, profile.Variations = u.Segments[:0], u.Decisions[:0], u.Forced[:0], profile.Variations[:0]
		if err := u.ReadSpecial(`{"segments":["vip"],"decisions":[{"flag":"shelf","variation":"price"}],"forced":{"2":"21"},"remembered":{"1":"12"}}`, p, &profile); err != nil {
			b.Fatal(err)
		}
	}
}

func TestWhatIsWrongWithSpecialIsTold(t *testing.T) {
	p := mustParse(t)
	for name, c := range map[string]struct{ text, want string }{
		"a text that ends before its end": {`{"segments":["vip"`, "ends too early"},
		"a text that goes on":             {`{"forced":{}}{}`, "unexpected text"},
		"no JSON in a list":               {`{"segments":["vip",vip]}`, "segments[1]"},
	} {
		t.Run(name, func(t *testing.T) {
			var u decision.User
			if err := u.ReadSpecial(c.text, p, &decision.Profile{}); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want %q in it", err, c.want)
			}
		})
	}
}

func TestChangesAreReadAsTheyAreWritten(t *testing.T) {
	p := mustParse(t)
	profile := decision.Profile{Changes: []decision.Assignment{
		{Slot: 0, Variation: p.VariationByID("12")}, {Slot: 1, Variation: p.VariationByID("21")},
	}}
	if got, want := string(profile.AppendChanges(nil, p)), `{"1":{"variation_id":"12"},"2":{"variation_id":"21"}}`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if got := string((&decision.Profile{}).AppendChanges([]byte("x"), p)); got != "x{}" {
		t.Errorf("%s for no changes", got)
	}
}

func FuzzReadSpecial(f *testing.F) {
	f.Add(`{"segments":["vip"],"decisions":[{"flag":"shelf","rule":"sort","variation":"price"}],"forced":{"1":"11"}}`)
	f.Add(`{"remembered":{"1":12,"2":{"x":null}},"decisions":[[],{"flag":"shelf"}],"x":{}}`)
	p := mustParse(f)
	f.Fuzz(func(t *testing.T, text string) {
		var u decision.User
		var profile decision.Profile
		err := u.ReadSpecial(text, p, &profile)
		for _, f := range u.Decisions {
			if f.Flag == nil {
				t.Fatalf("a decision forced for no flag, and error %v", err)
			}
		}
		for _, a := range append(profile.Variations, u.Forced...) {
			if a.Variation == nil {
				t.Fatalf("no variation is assigned, and error %v", err)
			}
		}
	})
}

func mustParse(tb testing.TB) *datafile.Project {
	tb.Helper()
	p, err := datafile.Parse(shop)
	if err != nil {
		tb.Fatal(err)
	}
	return p
}
