package decision_test

import (
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
	if !u.ReadSpecial("1:s3:vip1:s3:🙂\xed\xa0\x801:s1:ä1:s1:€1:s0:"+
		"1:f5:shelf18:$opt_null_rule_key5:price1:f5:shelf5:s1:rt1:71:f4:gone1:r1:x"+
		"1:v1:22:211:v1:14:gone"+
		"1:h1:12:121:h4:gone2:111:h1:29:undefined", p, &profile) {
		t.Fatal("it is not read")
	}
	got := decision.User{ID: "Matt", Forced: u.Forced, Decisions: u.Decisions}
	got.Segments = u.Segments
	want := decision.User{
		ID:     "Matt",
		Forced: []decision.Assignment{{Slot: 1, Variation: p.VariationByID("21")}},
		Decisions: []decision.Forced{
			{Flag: p.Flags[0], Rule: "$opt_null_rule_key", Variation: p.VariationByID("11")},
			{Flag: p.Flags[0], HasRule: true, Rule: "s1:rt"},
		},
	}
	want.Segments = []string{"vip", "🙂\xed\xa0\x80", "ä", "€", ""}
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
		if !u.ReadSpecial("1:s3:vip1:f5:shelf18:$opt_null_rule_key5:price1:f5:shelf4:sort5:price1:v1:22:211:h1:12:12", p, &profile) {
			b.Fatal("it is not read")
		}
	}
}

func TestSpecialIsRowsOrNothing(t *testing.T) {
	p := mustParse(t)
	for name, text := range map[string]string{
		"a row that is unknown":      "1:x1:1",
		"no row":                     "0:",
		"no length":                  "1:s:vip",
		"no colon":                   "1:s3vip",
		"a length and no more":       "1:s3",
		"a text that ends too early": "1:s4:vip",
		"a text too few":             "1:f5:shelf4:sort",
		"half a character":           "1:s1:\xc3",
		"half a pair":                "1:s1:🙂",
		"a length beyond all":        "1:s99999999999999999999:vip",
		"a mistake at the end":       "1:s3:vip ",
	} {
		t.Run(name, func(t *testing.T) {
			var u decision.User
			if u.ReadSpecial(text, p, &decision.Profile{}) {
				t.Errorf("%q is read", text)
			}
		})
	}
	if !new(decision.User).ReadSpecial("", p, &decision.Profile{}) {
		t.Error("nothing is not read")
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
	f.Add("1:s3:vip1:f5:shelf18:$opt_null_rule_key5:price1:f5:shelf4:sort8:category1:v1:12:11")
	f.Add("1:h1:12:121:h1:22:211:s2:🙂")
	p := mustParse(f)
	f.Fuzz(func(t *testing.T, text string) {
		var u decision.User
		var profile decision.Profile
		ok := u.ReadSpecial(text, p, &profile)
		for _, f := range u.Decisions {
			if f.Flag == nil {
				t.Fatalf("a decision forced for no flag, read: %v", ok)
			}
		}
		for _, a := range append(profile.Variations, u.Forced...) {
			if a.Variation == nil {
				t.Fatalf("no variation is assigned, read: %v", ok)
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
