package event

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"sortition/wasm/engine/audience"
)

func mustReadFile(tb testing.TB, name string) string {
	tb.Helper()
	text, err := os.ReadFile("testdata/" + name)
	if err != nil {
		tb.Fatal(err)
	}
	return string(text)
}

func mustDecode(tb testing.TB, body string) *Batch {
	tb.Helper()
	b, err := Decode(body)
	if err != nil {
		tb.Fatalf("%v in %s", err, body)
	}
	return b
}

// withoutSources compares what was read, not the texts it was read from.
var withoutSources = cmp.Options{cmpopts.IgnoreFields(Visitor{}, "Raw"), cmpopts.IgnoreFields(Event{}, "Raw"), cmpopts.IgnoreUnexported(Batch{})}

func TestBatchOfTheGoSDKIsRead(t *testing.T) {
	want := &Batch{
		AccountID: "12001", ProjectID: "15000", Revision: "7", RevisionJSON: `"7"`, ClientName: "go-sdk", ClientVersion: "2.3.0", Region: "EU",
		AnonymizeIP: true, EnrichDecisions: true,
		Visitors: []Visitor{{
			ID: "Matt",
			Attributes: []Attribute{
				{EntityID: "301", Key: "plan", Value: audience.OfText("gold")},
				{EntityID: "$opt_bot_filtering", Key: "$opt_bot_filtering", Value: audience.OfBool(false)},
			},
			Snapshots: []Snapshot{{
				Decisions: []Decision{{"111", "11", "1111", Metadata{FlagKey: "sort", RuleKey: "item-sort", RuleType: "feature-test", VariationKey: "price", Enabled: true}}},
				Events:    []Event{{EntityID: "111", Key: Activated, UUID: "b1f5f3a0-0000-4000-8000-000000000001", Timestamp: 1700000000001}},
			}},
		}, {
			ID: "Matt",
			Snapshots: []Snapshot{{Events: []Event{{
				EntityID: "401", Key: "item_purchase", UUID: "b1f5f3a0-0000-4000-8000-000000000002", Timestamp: 1700000000002,
				Revenue: Amount{5400, true}, Value: Amount{54.5, true}, Tags: `{"revenue":5400,"value":54.5,"item":"lamp"}`,
			}}}},
		}},
	}
	if diff := cmp.Diff(want, mustDecode(t, mustReadFile(t, "sdk/go.json")), withoutSources); diff != "" {
		t.Error(diff)
	}
}

func TestBatchOfThePythonSDKIsRead(t *testing.T) {
	want := &Batch{
		AccountID: "12001", ProjectID: "15000", Revision: "7", RevisionJSON: `"7"`, ClientName: "python-sdk", ClientVersion: "5.0.0", EnrichDecisions: true,
		Visitors: []Visitor{{
			ID:         "Zoë",
			Attributes: []Attribute{{EntityID: "301", Key: "plan", Value: audience.Value{Kind: audience.Null}}},
			Snapshots: []Snapshot{{
				Decisions: []Decision{{CampaignID: "111", ExperimentID: "11"}},
				Events:    []Event{{EntityID: "111", Key: Activated, UUID: "u-1", Timestamp: 1700000000001}},
			}, {
				Events: []Event{{
					Key: "item_purchase", UUID: "u-2", Timestamp: 1700000000000,
					Revenue: Amount{5400, true}, Value: Amount{3, true}, Tags: `{"revenue": "5400", "value": 3}`,
				}},
			}},
		}},
	}
	if diff := cmp.Diff(want, mustDecode(t, mustReadFile(t, "sdk/python.json")), withoutSources); diff != "" {
		t.Error(diff)
	}
}

// oneEvent is a batch whose only event has the given members.
func oneEvent(members string) string {
	return `{"visitors":[{"visitor_id":"u","snapshots":[{"events":[{` + members + `}]}]}]}`
}

const soundEvent = `"uuid":"a","key":"k","timestamp":1`

func TestErrorsNameTheField(t *testing.T) {
	for name, c := range map[string]struct{ body, field, message string }{
		"nothing":                     {``, "", "is not valid JSON at byte 0: the text ends too early: expected a value"},
		"a text that breaks off":      {`{"visitors":[{"visitor_id":`, "visitors[0].visitor_id", "is not valid JSON at byte 27: the text ends too early: expected a value"},
		"a text that breaks off, 2":   {`{"visitors":`, "visitors", "is not valid JSON at byte 12: the text ends too early: expected a value"},
		"two batches":                 {`{"visitors":[]}{}`, "", "is not valid JSON at byte 15: unexpected text after the value"},
		"an array":                    {`[]`, "", "must be a JSON object"},
		"a byte that is not UTF-8":    {"{\"visitors\":\"\ufffd\xff\"}", "", "is not valid UTF-8 at byte 16"},
		"no visitors":                 {`{}`, "visitors", "is missing"},
		"visitors are null":           {`{"visitors":null}`, "visitors", "must be an array"},
		"visitors twice":              {`{"visitors":[],"visitors":[]}`, "visitors", "is there twice"},
		"a visitor is text":           {`{"visitors":["u"]}`, "visitors[0]", "must be an object"},
		"no visitor id":               {`{"visitors":[{"snapshots":[]}]}`, "visitors[0].visitor_id", "is missing"},
		"the visitor id is a number":  {`{"visitors":[{"visitor_id":7,"snapshots":[]}]}`, "visitors[0].visitor_id", "must be a string"},
		"no snapshots":                {`{"visitors":[{"visitor_id":"a","snapshots":[]},{"visitor_id":"b"}]}`, "visitors[1].snapshots", "is missing"},
		"snapshots are an object":     {`{"visitors":[{"visitor_id":"a","snapshots":{}}]}`, "visitors[0].snapshots", "must be an array"},
		"snapshots twice":             {`{"visitors":[{"visitor_id":"a","snapshots":[],"snapshots":[]}]}`, "visitors[0].snapshots", "is there twice"},
		"a snapshot is null":          {`{"visitors":[{"visitor_id":"a","snapshots":[null]}]}`, "visitors[0].snapshots[0]", "must be an object"},
		"no events":                   {`{"visitors":[{"visitor_id":"a","snapshots":[{"decisions":[]}]}]}`, "visitors[0].snapshots[0].events", "is missing"},
		"events twice":                {`{"visitors":[{"visitor_id":"a","snapshots":[{"events":[],"events":[]}]}]}`, "visitors[0].snapshots[0].events", "is there twice"},
		"decisions twice":             {`{"visitors":[{"visitor_id":"a","snapshots":[{"decisions":[],"decisions":null,"events":[]}]}]}`, "visitors[0].snapshots[0].decisions", "is there twice"},
		"an event is a number":        {`{"visitors":[{"visitor_id":"a","snapshots":[{"events":[1]}]}]}`, "visitors[0].snapshots[0].events[0]", "must be an object"},
		"decisions are text":          {`{"visitors":[{"visitor_id":"a","snapshots":[{"decisions":"","events":[]}]}]}`, "visitors[0].snapshots[0].decisions", "must be an array"},
		"an experiment id is a list":  {`{"visitors":[{"visitor_id":"a","snapshots":[{"decisions":[{},{"experiment_id":[]}],"events":[]}]}]}`, "visitors[0].snapshots[0].decisions[1].experiment_id", "must be a string, a number or null"},
		"no uuid":                     {oneEvent(`"key":"k","timestamp":1`), "visitors[0].snapshots[0].events[0].uuid", "is missing"},
		"the uuid is null":            {oneEvent(`"uuid":null,"key":"k","timestamp":1`), "visitors[0].snapshots[0].events[0].uuid", "must be a string"},
		"the uuid is empty":           {oneEvent(`"uuid":"","key":"k","timestamp":1`), "visitors[0].snapshots[0].events[0].uuid", "must not be empty"},
		"the uuid has 65 bytes":       {oneEvent(`"uuid":"` + strings.Repeat("x", 65) + `","key":"k","timestamp":1`), "visitors[0].snapshots[0].events[0].uuid", "must not be longer than 64 bytes"},
		"the uuid is there twice":     {oneEvent(soundEvent + `,"uuid":"b"`), "visitors[0].snapshots[0].events[0].uuid", "is there twice"},
		"no timestamp":                {oneEvent(`"uuid":"a","key":"k"`), "visitors[0].snapshots[0].events[0].timestamp", "is missing"},
		"the timestamp is text":       {oneEvent(`"uuid":"a","key":"k","timestamp":"1"`), "visitors[0].snapshots[0].events[0].timestamp", "must be an integer"},
		"the timestamp is a fraction": {oneEvent(`"uuid":"a","key":"k","timestamp":1.5`), "visitors[0].snapshots[0].events[0].timestamp", "must be an integer"},
		"no key":                      {oneEvent(`"uuid":"a","timestamp":1`), "visitors[0].snapshots[0].events[0].key", "is missing"},
		"the entity id is a boolean":  {oneEvent(soundEvent + `,"entity_id":true`), "visitors[0].snapshots[0].events[0].entity_id", "must be a string, a number or null"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Decode(c.body)
			if diff := cmp.Diff(error(&FieldError{c.field, c.message}), err); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestErrorReadsAsASentence(t *testing.T) {
	for want, err := range map[string]*FieldError{
		"visitors[0].visitor_id must be a string": {"visitors[0].visitor_id", "must be a string"},
		"the batch must be a JSON object":         {"", "must be a JSON object"},
	} {
		if got := err.Error(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestABatchIsBounded(t *testing.T) {
	snapshots := func(s string) string { return `{"visitors":[{"visitor_id":"u","snapshots":[` + s + `]}]}` }
	for name, c := range map[string]struct {
		most                  int
		element, frame, field string
	}{
		"visitors":  {10_000, `{"visitor_id":"u","snapshots":[]}`, `{"visitors":[%]}`, "visitors"},
		"snapshots": {1_000, `{"events":[]}`, snapshots(`%`), "visitors[0].snapshots"},
		"decisions": {1_000, `{}`, snapshots(`{"events":[],"decisions":[%]}`), "visitors[0].snapshots[0].decisions"},
		"events":    {1_000, `{` + soundEvent + `}`, snapshots(`{"events":[%]}`), "visitors[0].snapshots[0].events"},
	} {
		t.Run(name, func(t *testing.T) {
			all := c.element + strings.Repeat(","+c.element, c.most-1)
			if _, err := Decode(strings.Replace(c.frame, "%", all, 1)); err != nil {
				t.Errorf("as many as there may be: %v", err)
			}
			_, err := Decode(strings.Replace(c.frame, "%", all+","+c.element, 1))
			if diff := cmp.Diff(error(&FieldError{c.field, fmt.Sprintf("has more than %d elements", c.most)}), err); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestABatchHasSoManyDecisionsAndAttributesInAllAndTakesMemoryAccordingly(t *testing.T) {
	const megabyte = 1 << 20
	many := func(element string, n int) string { return strings.TrimSuffix(strings.Repeat(element+",", n), ",") }
	visitor := func(members string) string { return `{"visitors":[{"visitor_id":"u",` + members + `}]}` }
	decisions := func(snapshots int) string {
		return visitor(`"snapshots":[` + many(`{"events":[],"decisions":[`+many(`{}`, maxElements)+`]}`, snapshots) + `]`)
	}
	for name, c := range map[string]struct {
		body, says string
		attributes int
	}{
		"as many decisions as there may be": {decisions(maxInAll / maxElements), "", 0},
		"one snapshot more": {decisions(maxInAll/maxElements + 1),
			"visitors[0].snapshots[20].decisions[0] is one too many: a batch of its size has at most 20000 decisions", 0},
		"a megabyte of decisions": {decisions(megabyte / 3000), "visitors[0].snapshots[21].decisions[", 0},
		"a megabyte of decisions in one list": {visitor(`"snapshots":[{"events":[],"decisions":[` + many(`{}`, megabyte/3) + `]}]`),
			"visitors[0].snapshots[0].decisions has more than 1000 elements", 0},
		"a megabyte of decisions by many visitors": {`{"visitors":[` +
			many(`{"visitor_id":"u","snapshots":[{"events":[],"decisions":[`+many(`{}`, maxElements)+`]}]}`, megabyte/3100) + `]}`,
			"visitors[20].snapshots[0].decisions[", 0},
		"a megabyte of attributes, of which the rest is left": {visitor(`"attributes":[` + many(`{}`, megabyte/3) + `],"snapshots":[]`), "", megabyte / leastBytes},
		"the same with a space":                               {visitor(`"attributes": [` + many(`{}`, megabyte/3) + `],"snapshots":[]`), "", megabyte / leastBytes},
	} {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			batch, err := Decode(c.body)
			runtime.ReadMemStats(&after)
			if took := after.TotalAlloc - before.TotalAlloc; took > 32*megabyte {
				t.Errorf("it takes %d MB", took/megabyte)
			}
			if err == nil && c.says == "" {
				if n := len(batch.Visitors[0].Attributes); n < c.attributes || n > c.attributes+10 {
					t.Errorf("%d attributes are kept", n)
				}
				return
			}
			if err == nil || c.says == "" || !strings.HasPrefix(err.Error(), c.says) {
				t.Errorf("got %v, want %q", err, c.says)
			}
		})
	}
}

func TestABatchOfAnySizeMayHaveAsManyDecisionsAndAttributesAsSDKsPutThere(t *testing.T) {
	const visitors, attributes = 300, 200 // as one decision about many flags has them
	attribute := strings.TrimSuffix(strings.Repeat(`{"entity_id":"1","key":"a","type":"custom","value":1},`, attributes), ",")
	decision := strings.TrimSuffix(strings.Repeat(`{"campaign_id":"1","experiment_id":"2","variation_id":"3"},`, 100), ",")
	one := `{"visitor_id":"u","attributes":[` + attribute + `],"snapshots":[{"decisions":[` + decision + `],"events":[]}]}`
	for name, visitor := range map[string]string{"plain": one, "with a space": strings.Replace(one, ":", ": ", 1)} {
		t.Run(name, func(t *testing.T) {
			batch, err := Decode(`{"visitors":[` + strings.TrimSuffix(strings.Repeat(visitor+",", visitors), ",") + `]}`)
			if err != nil {
				t.Fatal(err)
			}
			if last := batch.Visitors[visitors-1]; len(last.Attributes) != attributes || len(last.Snapshots[0].Decisions) != 100 {
				t.Errorf("the last has %d attributes and %d decisions", len(last.Attributes), len(last.Snapshots[0].Decisions))
			}
		})
	}
}

func TestTimestampsAreKeptAsTheyAre(t *testing.T) {
	for text, want := range map[string]int64{
		`0`: 0, `-1`: -1, `1700000000123`: 1700000000123, `1700000000123.0`: 1700000000123, `1e3`: 1000,
		`9223372036854775807`: 9223372036854775807, `9223372036854775808`: 9223372036854775807, `-1e300`: -9223372036854775808,
	} {
		b := mustDecode(t, oneEvent(`"uuid":"a","key":"k","timestamp":`+text))
		if got := b.Visitors[0].Snapshots[0].Events[0].Timestamp; got != want {
			t.Errorf("%s: got %d, want %d", text, got, want)
		}
	}
}

func TestAmountsComeFromTheEventElseFromItsTags(t *testing.T) {
	none := Amount{}
	for name, c := range map[string]struct {
		members        string
		revenue, value Amount
	}{
		"neither":                   {``, none, none},
		"from the event":            {`,"revenue":5,"value":1.5`, Amount{5, true}, Amount{1.5, true}},
		"from the tags":             {`,"tags":{"revenue":5,"value":1.5}`, Amount{5, true}, Amount{1.5, true}},
		"the event before its tags": {`,"revenue":5,"tags":{"revenue":6,"value":7}`, Amount{5, true}, Amount{7, true}},
		"null is none":              {`,"revenue":null,"value":null,"tags":null`, none, none},
		"null is none, in tags too": {`,"tags":{"revenue":null,"value":null}`, none, none},
		"beyond a double is none":   {`,"revenue":1e999,"tags":{"value":1e999}`, none, none},
		"tags that are no object":   {`,"tags":["revenue"]`, none, none},
	} {
		t.Run(name, func(t *testing.T) {
			e := mustDecode(t, oneEvent(soundEvent+c.members)).Visitors[0].Snapshots[0].Events[0]
			if e.Revenue != c.revenue || e.Value != c.value {
				t.Errorf("got %v and %v, want %v and %v", e.Revenue, e.Value, c.revenue, c.value)
			}
		})
	}
}

func TestSourceTextIsKept(t *testing.T) {
	event := `{ "uuid":"a", "key":"\u006b","timestamp":1, "odd":[1, 2] }`
	visitor := `{"snapshots" :[{"events":[ ` + event + ` ]}], "visitor_id":"u"}`
	v := mustDecode(t, `{"visitors":[ `+visitor+` ]}`).Visitors[0]
	if v.Raw != visitor || v.Snapshots[0].Events[0].Raw != event {
		t.Errorf("got %s and %s", v.Raw, v.Snapshots[0].Events[0].Raw)
	}
}

// Lists of one kind share memory, whatever their lengths.
func TestVisitorsReadTheSameTogetherAsAlone(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	list := func(longest int, element string) string {
		return "[" + strings.TrimSuffix(strings.Repeat(element+",", random.IntN(longest+1)), ",") + "]"
	}
	var visitors []string
	for i := range 300 {
		number := strconv.Itoa(i)
		snapshot := `{"decisions":` + list(3, `{"campaign_id":"`+number+`"}`) + `,"events":` + list(4, `{"key":"k","uuid":"`+number+`","timestamp":1}`) + `}`
		visitors = append(visitors, `{"visitor_id":"`+number+`","snapshots":`+list(3, snapshot)+`}`)
	}
	together := mustDecode(t, `{"visitors":[`+strings.Join(visitors, ",")+`]}`).Visitors
	for i := range together {
		for j := range together[i].Snapshots {
			s := &together[i].Snapshots[j]
			_, _ = append(s.Decisions, Decision{CampaignID: "overwritten"}), append(s.Events, Event{Key: "overwritten"})
		}
		_ = append(together[i].Snapshots, Snapshot{})
	}
	for i, text := range visitors {
		alone := mustDecode(t, `{"visitors":[`+text+`]}`).Visitors[0]
		if diff := cmp.Diff(alone, together[i]); diff != "" {
			t.Errorf("visitor %d alone (-) and together with others (+):\n%s", i, diff)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(mustReadFile(f, "sdk/go.json"))
	f.Add(mustReadFile(f, "sdk/python.json"))
	f.Add(oneEvent(soundEvent + `,"revenue":1`))
	f.Add(`{"visitors":[{"snapshots":[{"events":[{"value":10.`)
	f.Fuzz(func(t *testing.T, body string) {
		b, err := Decode(body)
		if err != nil {
			return
		}
		checkPlain(t, b)
		checkPlainHeader(t, b, body)
		checkParts(t, b, body)
		for _, keep := range []func(*Event) bool{nil, func(*Event) bool { return true }, func(e *Event) bool { return len(e.UUID)%2 == 0 }} {
			again := append(b.AppendVisitors(b.AppendHeader(nil), keep), End...)
			if !json.Valid(again) {
				t.Fatalf("%q became %q", body, again)
			}
			checkKept(t, b, mustDecode(t, string(again)), keep)
		}
	})
}

// checkPlainHeader checks that b, read from body, is what is read of it when a space within makes what comes before the visitors odd.
func checkPlainHeader(t *testing.T, b *Batch, body string) {
	t.Helper()
	begin := strings.IndexByte(body, '{') + 1
	slow, err := Decode(body[:begin] + " " + body[begin:])
	if err != nil {
		t.Fatalf("%v in %q with a space", err, body)
	}
	if diff := cmp.Diff(slow, b, cmp.AllowUnexported(Batch{}), cmpopts.EquateNaNs()); diff != "" {
		t.Errorf("%q (-slow +plain):\n%s", body, diff)
	}
}

// checkKept checks that got has the events of b that keep tells to keep, and the same context.
func checkKept(t *testing.T, b, got *Batch, keep func(*Event) bool) {
	t.Helper()
	var want, have []string
	for _, e := range events(b) {
		if keep == nil || keep(e) {
			want = append(want, e.Raw)
		}
	}
	for _, e := range events(got) {
		have = append(have, e.Raw)
	}
	if diff := cmp.Diff(want, have, cmpopts.EquateEmpty()); diff != "" {
		t.Error(diff)
	}
	if b.Context() != got.Context() {
		t.Errorf("context %q became %q", b.Context(), got.Context())
	}
}

func events(b *Batch) (all []*Event) {
	for i := range b.Visitors {
		for j := range b.Visitors[i].Snapshots {
			s := &b.Visitors[i].Snapshots[j]
			for k := range s.Events {
				all = append(all, &s.Events[k])
			}
		}
	}
	return all
}
