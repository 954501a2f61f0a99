package main_test

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"

	"sortition/wasm/engine"
	"sortition/wasm/engine/audience"
	"sortition/wasm/engine/datafile"
	"sortition/wasm/engine/decision"
	"sortition/wasm/engine/delta"
	"sortition/wasm/engine/enginetest"
	"sortition/wasm/engine/event"
)

// The built module and the native engine are one source; these tests are about what lies between, the boundary.
func TestModule(t *testing.T) {
	wasm := mustBuild(t)
	h := mustStart(t, wasm)
	t.Run("gives the golden answers", h.goldenAnswers)
	t.Run("agrees with the native engine on many users", h.manyUsers)
	t.Run("tells which attributes an experiment does not ask about", h.unasked)
	t.Run("writes the events the native engine writes", h.events)
	t.Run("says what is wrong with a datafile and keeps the others", h.badDatafile)
	t.Run("decides flags as officially, and says why", h.goldenDecisions)
	t.Run("tells the steps of a decision, and whether its user meets conditions", h.steps)
	t.Run("shows a project as the native engine does", h.shows)
	t.Run("answers a panic and goes on", h.panics)
	t.Run("forgets one user's attributes before the next", h.forgets)
	t.Run("keeps what few users have for the next who has the same", h.keepsSpecial)
	t.Run("comes to a first decision in the memory it begins with", func(t *testing.T) { mustStart(t, wasm).firstDecision(t) })
	t.Run("does not grow over many decisions", func(t *testing.T) { mustStart(t, wasm).growth(t) })
	t.Run("does not grow over many datafiles", func(t *testing.T) { mustStart(t, wasm).updates(t) })
	t.Run("reads what is new about a datafile", h.newer)
	t.Run("takes a user id of a megabyte", h.longID)
	t.Run("makes a newer datafile of its own and a delta", h.patches)
}

func (h *host) goldenAnswers(t *testing.T) {
	h = h.reportTo(t)
	for _, c := range enginetest.MustExperimentCases(t) {
		p := mustParse(t, c.Datafile)
		handle, reason := h.open(c.Datafile)
		if reason != "" {
			t.Fatalf("%s: %s", c.Name, reason)
		}
		if got := h.variation(p, handle, c.Experiment, c.UserID, c.Attributes); got != c.Variation {
			t.Errorf("%s: %q, want %q", c.Name, got, c.Variation)
		}
		h.call("close", handle)
	}
}

// What a decision is to do, and what stands for no rule, variation or flag, as frame.go and exports.go say.
const (
	withReasons = 1
	withProfile = 2
)

// asBefore stands for the user of the last call, as ring.go says.
const asBefore = math.MaxUint64 // -1

// ringSize is what public/sdk/engine/ring.js asks for at first.
const ringSize = 2 << 20

const none = math.MaxUint64 - 1 // -2

func (h *host) goldenDecisions(t *testing.T) {
	h = h.reportTo(t)
	for _, c := range enginetest.MustVectors(t).Decisions.Cases {
		p := mustParse(t, string(c.Datafile))
		handle, reason := h.open(string(c.Datafile))
		if reason != "" {
			t.Fatalf("%s: %s", c.Name, reason)
		}
		user := h.enter(handle, h.goldenVisitor(p, &c))
		for _, key := range c.Keys {
			flag := p.FlagByKey(key)
			if flag == nil {
				continue
			}
			if h.call("decide", handle, uint64(flag.Index), withReasons|withProfile, user) < 0 {
				t.Fatalf("%s: the engine failed", c.Name)
			}
			user = asBefore // from here on the engine knows the user
			if want, ok := c.Expected.Decisions[key]; ok {
				h.compareDecision(c.Name+", "+key, c.UserID, p, handle, want, slices.Contains(c.Options, "INCLUDE_REASONS"))
			}
		}
		h.call("close", handle)
	}
}

// compareDecision compares what decide answered with what is wanted: the variation, the rule, and the reasons if they were.
func (h *host) compareDecision(name, userID string, p *datafile.Project, handle uint64, want enginetest.FlagDecision, reasons bool) {
	h.tb.Helper()
	answer, rule := h.answer(handle, 0), h.answer(handle, 1)
	got := enginetest.FlagDecision{Enabled: want.Enabled, Variables: want.Variables, Reasons: []string{}}
	if v := answer>>2 - 2; v >= 0 {
		got.VariationKey = &p.Variations[v].Key
	}
	if rule >= 0 {
		got.RuleKey = &p.Rules[rule].Key
	}
	if reasons {
		got.Reasons = h.reasons(handle, userID)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		h.tb.Errorf("%s (-official +ours):\n%s", name, diff)
	}
}

// reasons are the sentences of the last decision, with the user's id and the bucket put in.
func (h *host) reasons(handle uint64, userID string) []string {
	h.tb.Helper()
	pairs := []byte(h.result(h.call("reasons", handle)))
	all := []string{}
	for at := 0; at < len(pairs); at += 8 {
		var texts []string
		number := uint64(binary.LittleEndian.Uint32(pairs[at:]))
		if err := json.Unmarshal([]byte(h.result(h.call("sentence", handle, number))), &texts); err != nil {
			h.tb.Fatal(err)
		}
		sentence := texts[0]
		if len(texts) == 3 {
			sentence += fmt.Sprint(binary.LittleEndian.Uint32(pairs[at+4:])) + texts[1]
		}
		if len(texts) > 1 {
			sentence += userID + texts[len(texts)-1]
		}
		all = append(all, sentence)
	}
	return all
}

// goldenVisitor is a scenario's user, with what is forced for them.
func (h *host) goldenVisitor(p *datafile.Project, c *enginetest.Decision) visitor {
	h.tb.Helper()
	attributes := map[string]any{}
	for key, raw := range c.Attributes {
		attributes[key] = enginetest.Value(h.tb, raw)
	}
	v := visitorOf(p, c.UserID, attributes)
	for _, f := range c.ForcedDecisions {
		rule := "$opt_null_rule_key"
		if f.RuleKey != nil {
			rule = *f.RuleKey
		}
		v.special += row("f", f.FlagKey, rule, f.VariationKey)
	}
	for _, f := range c.SetForcedVariation {
		e := p.ExperimentByKey(f.ExperimentKey)
		v.special += row("v", e.ID, e.VariationByKey(f.VariationKey).ID)
	}
	return v
}

// row is one of what few users have, as decision.User.ReadSpecial takes it.
func row(texts ...string) (written string) {
	for _, text := range texts {
		written += fmt.Sprintf("%d:%s", len(utf16.Encode([]rune(text))), text)
	}
	return written
}

func (h *host) steps(t *testing.T) {
	h = h.reportTo(t)
	handle, _ := h.open(shop)
	e := mustEngine(t, shop)
	matt := h.enter(handle, visitor{id: "Matt", attributes: map[int]audience.Value{0: audience.OfText("gold")}})
	h.call("getVariation", handle, 0, withReasons, matt)

	u := e.NewUser("Matt", map[string]any{"plan": "gold"})
	u.Reasons = &decision.Reasons{}
	e.GetVariation("sort", u)
	var want []byte
	for _, n := range u.Reasons.AppendSteps(nil) {
		want = binary.LittleEndian.AppendUint32(want, uint32(n))
	}
	if got := h.result(h.call("steps", handle)); got != string(want) {
		t.Errorf("steps %x, natively %x", got, want)
	}

	for text, want := range map[string]int32{
		`{"type":"custom_attribute","name":"plan","match":"exact","value":"free"}`: 0,
		`{"type":"custom_attribute","name":"age","match":"ge","value":18}`:         1,
		`{"type":"custom_attribute","name":"plan","match":"exact","value":"gold"}`: 2,
		`["or"`: -1,
	} {
		h.write(text)
		if got := h.call("truth", handle, 0); got != want {
			t.Errorf("%s is %d, want %d", text, got, want)
		}
	}
	h.write(`["not","5"]`)
	if got := h.call("truth", handle, 1); got != 0 {
		t.Errorf("not being in the audience is %d, want 0", got)
	}
}

const shop = `{"version":"4","revision":"7","accountId":"1","projectId":"2","botFiltering":false,"experiments":[
	{"id":"1","key":"sort","layerId":"3","status":"Running","variations":[{"id":"11","key":"price"},{"id":"12","key":"category"}],
	 "trafficAllocation":[{"entityId":"11","endOfRange":4000},{"entityId":"12","endOfRange":9000}],"audienceIds":["5"]}],
	"featureFlags":[{"id":"31","key":"shelf","experimentIds":["1"],"variables":[]},{"id":"32","key":"broken","variables":[]}],
	"events":[{"id":"9","key":"buy"}],"attributes":[{"id":"21","key":"plan"},{"id":"22","key":"age"}],
	"typedAudiences":[{"id":"5","conditions":["and",["or",{"type":"custom_attribute","name":"plan","match":"exact","value":"gold"},
	 {"type":"custom_attribute","name":"age","match":"ge","value":18}]]}]}`

func (h *host) manyUsers(t *testing.T) {
	h = h.reportTo(t)
	handle, _ := h.open(shop)
	e := mustEngine(t, shop)
	answers := map[string]int{}
	for i := range 2000 {
		id := fmt.Sprintf("user-%d-é🙂\xed\xa0\x80", i)
		attributes := map[string]any{"plan": []any{"gold", "free", nil, true}[i%4], "age": i % 40}
		want := ""
		if v := e.GetVariation("sort", e.NewUser(id, attributes)); v != nil {
			want = v.Key
		}
		if got := h.variation(e.Project(), handle, "sort", id, attributes); got != want {
			t.Fatalf("%q with %v: %q, natively %q", id, attributes, got, want)
		}
		answers[want]++
	}
	if len(answers) != 3 {
		t.Errorf("the users were to get every answer, got %v", answers)
	}
}

func (h *host) unasked(t *testing.T) {
	h = h.reportTo(t)
	// The conditions are on two attributes, one behind the other.
	for before, want := range map[int]int32{0: ^3, 1: ^(3 << 1), 28: ^(3 << 28), 29: 1<<29 - 1, 30: 1<<30 - 1, 31: 1<<30 - 2, 32: ^3, 64: ^3} {
		others := ""
		for i := range before {
			others += fmt.Sprintf(`{"id":"20","key":"nobody asks about %d"},`, i)
		}
		handle, _ := h.open(strings.Replace(shop, `"attributes":[`, `"attributes":[`+others, 1))
		if got := h.call("unasked", handle, 0); got != want {
			t.Errorf("behind %d attributes: experiment 0 does not ask about %032b, want %032b", before, uint32(got), uint32(want))
		}
		if got := h.call("unasked", handle, 1<<20); got != 0 {
			t.Errorf("an unknown experiment does not ask about %032b", uint32(got))
		}
	}
}

func (h *host) events(t *testing.T) {
	h = h.reportTo(t)
	handle, _ := h.open(shop)
	e := mustEngine(t, shop)

	h.write("node-sdk\x001.2.3")
	envelope := h.result(h.call("envelope", handle))
	if want := string(e.AppendEnvelope(nil, engine.Client{Name: "node-sdk", Version: "1.2.3"})); envelope != want {
		t.Errorf("envelope %s, natively %s", envelope, want)
	}
	if ids := h.result(h.call("attributes", handle)); ids != `["21","22"]` {
		t.Errorf("attributes are sent as %s", ids)
	}

	x := e.Project().ExperimentByKey("sort")
	impression := h.result(h.call("impression", handle, none, 0, 1, 0))
	shown := engine.Activated(x, x.Variations[1])
	if want := string(e.AppendBlankImpression(nil, &shown)); impression != want {
		t.Errorf("impression %s, natively %s", impression, want)
	}
	conversion := h.result(h.call("conversion", handle, 0))
	if want := string(e.AppendBlankConversion(nil, e.Project().EventByKey("buy"))); conversion != want {
		t.Errorf("conversion %s, natively %s", conversion, want)
	}
	if batch := envelope + impression + "," + conversion + event.End; !json.Valid([]byte(batch)) {
		t.Errorf("together they are no JSON: %s", batch)
	}
}

func (h *host) badDatafile(t *testing.T) {
	h = h.reportTo(t)
	good, _ := h.open(shop)
	for text, want := range map[string]string{
		"":                                  "datafile: it is empty: a datafile is the text of a JSON object, not the object itself",
		`{"version":"9"}`:                   `version "9" is not supported`,
		shop[:len(shop)/2]:                  "the text ends too early",
		strings.Repeat(`{"a":[`, 100_000):   "nested deeper than 500 levels",
		`{"version":"4","revision":"1"}  x`: "unexpected text after the value",
	} {
		if _, reason := h.open(text); !strings.Contains(reason, want) {
			t.Errorf("%.40q: reason %q, want %q in it", text, reason, want)
		}
	}
	if got := h.variation(mustParse(t, shop), good, "sort", "Matt", map[string]any{"plan": "gold"}); got == "" {
		t.Error("the good project is gone")
	}
}

func (h *host) panics(t *testing.T) {
	h = h.reportTo(t)
	handle, _ := h.open(shop)
	matt := h.enter(handle, visitor{id: "Matt"})
	for name, call := range map[string]func() int32{
		"an unknown project":    func() int32 { return h.call("getVariation", 1<<20, 0, 0, matt) },
		"an unknown experiment": func() int32 { return h.call("getVariation", handle, 1<<20, 0, matt) },
		"an unknown flag":       func() int32 { return h.call("decide", handle, 1<<20, 0, matt) },
		"a flag without a list": func() int32 {
			return min(h.call("decide", handle, 1, 0, matt), h.answer(handle, 0))
		},
		"an unknown event": func() int32 { return h.call("conversion", handle, 1<<20) },
		"a frame that lies about its text": func() int32 {
			h.module.Memory().WriteUint32Le(uint32(h.call("reserve", 0)), 1<<30)
			return h.call("special", handle)
		},
		"a frame without what few users have": func() int32 {
			h.write("7")
			return h.call("special", handle)
		},
		"a place outside of the ring": func() int32 { return h.call("getVariation", handle, 0, 0, 1<<30) },
		"a user who lies about their id": func() int32 {
			place := h.enter(handle, visitor{id: "Matt"})
			h.module.Memory().WriteUint32Le(h.ring, 1<<30)
			return h.call("getVariation", handle, 0, 0, place)
		},
		"a user who lies about the number of their attributes": func() int32 {
			place := h.enter(handle, visitor{id: "Matt"})
			h.module.Memory().WriteUint32Le(h.ring+8, 1<<30)
			return h.call("getVariation", handle, 0, 0, place)
		},
		"a user with an attribute that the project lacks": func() int32 {
			place := h.enter(handle, visitor{id: "Matt", attributes: map[int]audience.Value{1 << 30: audience.OfText("gold")}})
			return h.call("getVariation", handle, 0, 0, place)
		},
		"no user, as the ring ends within their header": func() int32 { return h.call("getVariation", handle, 0, 0, ringSize-8) },
	} {
		if got := call(); got != -1 {
			t.Errorf("%s: answer %d, want -1", name, got)
		}
	}
	if got := h.variation(mustParse(t, shop), handle, "sort", "Matt", map[string]any{"plan": "gold"}); got == "" {
		t.Error("the instance does not go on")
	}
}

func (h *host) forgets(t *testing.T) {
	h = h.reportTo(t)
	handle, _ := h.open(shop)
	p := mustParse(t, shop)
	h.variation(p, handle, "sort", "Matt", map[string]any{"plan": "gold"})
	if got := h.variation(p, handle, "sort", "Matt", nil); got != "" {
		t.Errorf("%q for a user without attributes", got)
	}
}

func (h *host) keepsSpecial(t *testing.T) {
	h = h.reportTo(t)
	handle, _ := h.open(shop)
	ask := func(v visitor) int32 { return h.call("getVariation", handle, 0, withProfile, h.enter(handle, v)) }
	matt := visitor{id: "Matt", special: row("v", "1", "12")}
	for i, got := range []int32{ask(matt), h.call("getVariation", handle, 0, withProfile, asBefore), ask(matt)} {
		if got != 1 {
			t.Errorf("variation %d in turn %d, want the one that is forced", got, i)
		}
	}
	if got := ask(visitor{id: "Jane"}); got != -2 {
		t.Errorf("variation %d for whoever has nothing, want none", got)
	}
	if length := h.call("remembered", handle); length != 0 {
		t.Errorf("%q is new about a profile that nothing was added to", h.result(length))
	}
}

// firstDecision is what a page waits for: growing memory would take functions that it need not compile else.
func (h *host) firstDecision(t *testing.T) {
	h = h.reportTo(t)
	before := h.module.Memory().Size()
	h.call("users", ringSize)
	handle, reason := h.open(enginetest.NewGenerator(1).Datafile(enginetest.Medium))
	if reason != "" || h.call("decide", handle, 0, 0, h.enter(handle, visitor{id: "Matt"})) < 0 {
		t.Fatal("no answer", reason)
	}
	if after := h.module.Memory().Size(); after != before {
		t.Errorf("memory grew from %d to %d bytes", before, after)
	}
}

func (h *host) growth(t *testing.T) {
	h = h.reportTo(t)
	handle, _ := h.open(shop)
	decide := func(times int) uint32 {
		for range times {
			matt := h.enter(handle, visitor{id: "Matt", attributes: map[int]audience.Value{0: audience.OfText("gold")}})
			if h.call("getVariation", handle, 0, 0, matt) < 0 || h.call("decide", handle, 0, withReasons|withProfile, asBefore) < 0 || h.call("reasons", handle) < 0 {
				t.Fatal("no answer")
			}
		}
		return h.module.Memory().Size()
	}
	before := decide(5_000) // with which garbage is collected for the first time, and that takes room once
	if after := decide(50_000); after != before {
		t.Errorf("memory grew from %d to %d bytes", before, after)
	}
}

func (h *host) updates(t *testing.T) {
	h = h.reportTo(t)
	audiences := strings.Repeat(`{"id":"6","conditions":["or",{"type":"custom_attribute","name":"plan","match":"exact","value":"gold"}]},`, 500)
	large := strings.Replace(shop, `"typedAudiences":[`, `"typedAudiences":[`+audiences, 1)
	older, _ := h.open(large)
	for revision := range 300 {
		handle, reason := h.open(strings.Replace(large, `"revision":"`, fmt.Sprintf(`"revision":"%d`, revision), 1))
		if reason != "" {
			t.Fatal(reason)
		}
		h.call("close", older)
		h.call("collect")
		older = handle
	}
	if size := h.module.Memory().Size(); size > 16<<20 {
		t.Errorf("%d bytes of memory after many datafiles of %d bytes", size, len(large))
	}
}

func (h *host) newer(t *testing.T) {
	h = h.reportTo(t)
	g := enginetest.NewGenerator(3)
	// Of two rules of one length and the same ends each has its texts elsewhere.
	const short, long = `"status":"Run","trafficAllocation":[{"endOfRange":33330000,`, `"status":"Running","trafficAllocation":[{"endOfRange":3333,`
	text := strings.ReplaceAll(g.Datafile(enginetest.Medium), long, short)
	visitors := g.Matching(3)
	older, _ := h.open(text)
	for _, change := range [][2]string{{short, long}, {long, short}, {`{"audienceIds"`, `{"type":"fr","audienceIds"`}} {
		text = strings.Replace(text, change[0], change[1], 7)
		handle, reason := h.open(text)
		if reason != "" {
			t.Fatal(reason)
		}
		h.call("close", older)
		older = handle
		e := mustEngine(t, text)
		for _, x := range e.Project().Experiments {
			if x.Rollout {
				continue // which is no experiment to GetVariation
			}
			for _, v := range visitors {
				want := ""
				if variation := e.GetVariation(x.Key, e.NewUser(v.ID, v.Attributes)); variation != nil {
					want = variation.Key
				}
				if got := h.variation(e.Project(), handle, x.Key, v.ID, v.Attributes); got != want {
					t.Fatalf("with %s %s gives %s %q, natively %q", change[1], x.Key, v.ID, got, want)
				}
			}
		}
	}
}

func (h *host) longID(t *testing.T) {
	h = h.reportTo(t)
	handle, _ := h.open(shop)
	id := strings.Repeat("x", 1<<20)
	e := mustEngine(t, shop)
	want := e.GetVariation("sort", e.NewUser(id, map[string]any{"age": 18})).Key
	if got := h.variation(e.Project(), handle, "sort", id, map[string]any{"age": 18}); got != want {
		t.Errorf("%q, natively %q", got, want)
	}
}

func (h *host) patches(t *testing.T) {
	h = h.reportTo(t)
	handle, _ := h.open(shop)
	newer := strings.Replace(shop, `"revision":"7"`, `"revision":"8"`, 1)
	change := string(delta.Make([]byte(shop), []byte(newer)))
	h.write(change)
	if got := h.result(h.call("patch", handle)); got != newer {
		t.Errorf("got %q", got)
	}
	h.write(change[:len(change)-1])
	if answer := h.call("patch", handle); answer != -1 {
		t.Errorf("answer %d to a delta that is cut short", answer)
	}
}

// reportTo is the host reporting to a subtest.
func (h *host) reportTo(tb testing.TB) *host { return &host{tb: tb, module: h.module} } // with a ring of its own

// variation returns the key of a user's variation, "" for none.
func (h *host) variation(p *datafile.Project, handle uint64, experiment, user string, attributes map[string]any) string {
	h.tb.Helper()
	x := p.ExperimentByKey(experiment)
	v := visitorOf(p, user, attributes)
	answer := h.call("getVariation", handle, uint64(x.Index), 0, h.enter(handle, v))
	if answer == -1 {
		h.tb.Fatalf("%s for %.40q panicked", experiment, user)
	}
	if answer < 0 {
		return ""
	}
	return p.Variations[answer].Key
}

func visitorOf(p *datafile.Project, id string, attributes map[string]any) visitor {
	user := visitor{id: id, attributes: map[int]audience.Value{}}
	for key, value := range attributes {
		v := audience.Value{Kind: audience.Other}
		switch value := value.(type) {
		case nil:
			v = audience.Value{Kind: audience.Null}
		case string:
			v = audience.OfText(value)
		case bool:
			v = audience.OfBool(value)
		case float64:
			v = audience.OfNumber(value)
		case int:
			v = audience.OfNumber(float64(value))
		}
		if key == engine.BucketingIDAttribute && v.Kind == audience.Text {
			user.bucketing = &v.Text
		}
		if slot, ok := p.AttributeSlot(key); ok {
			user.attributes[slot] = v
		}
	}
	return user
}

func mustParse(tb testing.TB, text string) *datafile.Project { return mustEngine(tb, text).Project() }

func mustEngine(tb testing.TB, text string) *engine.Engine {
	tb.Helper()
	e, err := engine.New(text)
	if err != nil {
		tb.Fatal(err)
	}
	return e
}
