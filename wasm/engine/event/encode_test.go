package event

import (
	"encoding/json"
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sortition/wasm/engine/audience"
	"sortition/wasm/engine/enginetest"
	"sortition/wasm/engine/internal/jsontext"
)

// scenario is a golden case of testdata/official.json, see testdata/record.mjs.
type scenario struct {
	Name       string
	User       json.RawMessage
	Attributes [][2]json.RawMessage
	Tags       *[][2]json.RawMessage
	Facts      struct {
		Revision     json.RawMessage
		BotFiltering *bool
		AnonymizeIP  *bool
	}
	Decision *struct {
		Campaign, Experiment, Variation string
		Metadata                        json.RawMessage
	}
	Body string
}

func mustScenarios(tb testing.TB) (all []scenario) {
	tb.Helper()
	if err := json.Unmarshal([]byte(mustReadFile(tb, "official.json")), &all); err != nil {
		tb.Fatal(err)
	}
	return all
}

const (
	uuid      = "u-1"
	timestamp = 1700000000123
)

// batch is the envelope of the scenario.
func (s *scenario) batch() *Batch {
	b := &Batch{
		AccountID: "12001", ProjectID: "15000", Revision: "42", ClientName: "node-sdk", ClientVersion: "6.6.1",
		RevisionJSON: string(s.Facts.Revision), EnrichDecisions: true,
	}
	b.AnonymizeIP = s.Facts.AnonymizeIP == nil || *s.Facts.AnonymizeIP
	return b
}

// visitor resolves the attributes as the engine's caller does.
func (s *scenario) visitor(tb testing.TB) *Visitor {
	ids := map[string]string{"plan": "301", "n": "302", "$opt_known": "303"}
	v := &Visitor{ID: ofText(s.User)}
	for _, a := range s.Attributes {
		key := ofText(a[0])
		v.Attributes = append(v.Attributes, Attribute{EntityID: EntityID(ids[key], key), Key: key, Value: mustTag(tb, a).Value})
	}
	if s.Facts.BotFiltering != nil {
		v.Attributes = append(v.Attributes, BotFiltering(*s.Facts.BotFiltering))
	}
	return v
}

func (s *scenario) tags(tb testing.TB) []Tag {
	if s.Tags == nil {
		return nil
	}
	tags := []Tag{}
	for _, t := range *s.Tags {
		tags = append(tags, mustTag(tb, t))
	}
	return tags
}

// ofText reads a JSON string as the engine does: encoding/json would lose lone surrogates.
func ofText(raw json.RawMessage) string { return jsontext.New(string(raw)).String() }

func mustTag(tb testing.TB, pair [2]json.RawMessage) Tag {
	tb.Helper()
	key := ofText(pair[0])
	if string(pair[1]) == `{"$num":"-0"}` {
		return Tag{Key: key, Value: audience.OfNumber(math.Copysign(0, -1))}
	}
	switch v := enginetest.Value(tb, pair[1]).(type) {
	case enginetest.Undefined:
		return Tag{Key: key}
	case float64:
		return Tag{Key: key, Value: audience.OfNumber(v)}
	}
	return readTag(key, jsontext.New(string(pair[1])))
}

// append writes the scenario's event as the engine does.
func (s *scenario) append(tb testing.TB, dst []byte) []byte {
	v := s.visitor(tb)
	if s.Decision == nil {
		return AppendConversion(dst, v, &Event{EntityID: "401", Key: "item_purchase", UUID: uuid, Timestamp: timestamp}, s.tags(tb))
	}
	return AppendImpression(dst, v, s.decision(), uuid, timestamp)
}

func (s *scenario) decision() *Decision {
	m := reader{Parser: jsontext.New(string(s.Decision.Metadata))}
	return &Decision{CampaignID: s.Decision.Campaign, ExperimentID: s.Decision.Experiment, VariationID: s.Decision.Variation, Metadata: m.metadata()}
}

func TestEventsAreWrittenAsTheOfficialSDKWritesThem(t *testing.T) {
	for _, s := range mustScenarios(t) {
		t.Run(s.Name, func(t *testing.T) {
			got := string(s.append(t, AppendEnvelope(nil, s.batch()))) + End
			if got != s.Body {
				t.Errorf("got  %s\nwant %s", got, s.Body)
			}
		})
	}
}

func TestWhatIsWrittenIsReadBack(t *testing.T) {
	for _, s := range mustScenarios(t) {
		t.Run(s.Name, func(t *testing.T) {
			want, got := s.batch(), mustDecode(t, s.Body)
			if want.RevisionJSON == "" {
				want.RevisionJSON = `"42"`
			}
			want.Revision = jsontext.New(want.RevisionJSON).Text()
			want.Visitors = got.Visitors
			if diff := cmp.Diff(want, got, withoutSources); diff != "" {
				t.Error(diff)
			}
			v := got.Visitors[0]
			if s.Decision == nil {
				e := v.Snapshots[0].Events[0]
				if e.EntityID != "401" || e.Key != "item_purchase" || e.UUID != uuid || e.Timestamp != timestamp {
					t.Errorf("read %+v", e)
				}
				return
			}
			d := v.Snapshots[0].Decisions[0]
			again := string(AppendImpression(AppendEnvelope(nil, got), &v, &d, uuid, timestamp)) + End
			if again != s.Body {
				t.Errorf("read and written again: %s\nwant %s", again, s.Body)
			}
		})
	}
}

func TestGoldenTags(t *testing.T) {
	for _, c := range enginetest.MustVectors(t).EventTags.Cases {
		tags := []Tag{}
		p := jsontext.New(string(c.Tags))
		p.Object(func(key string) { tags = append(tags, readTag(key, p)) })
		var got struct {
			Snapshots []struct {
				Events []struct{ Revenue, Value, Tags any }
			}
		}
		written := AppendConversion(nil, &Visitor{ID: "u"}, &Event{}, tags)
		mustUnmarshal(t, written, &got)
		var want struct{ Revenue, Value, Tags any }
		if c.JS.Revenue != nil {
			want.Revenue = *c.JS.Revenue
		}
		mustUnmarshal(t, c.JS.Value, &want.Value)
		mustUnmarshal(t, c.JS.TagsSent, &want.Tags)
		if diff := cmp.Diff(want.Revenue, got.Snapshots[0].Events[0].Revenue); diff != "" {
			t.Errorf("%s: revenue %s", c.Tags, diff)
		}
		if diff := cmp.Diff(want.Value, got.Snapshots[0].Events[0].Value); diff != "" {
			t.Errorf("%s: value %s", c.Tags, diff)
		}
		if diff := cmp.Diff(want.Tags, got.Snapshots[0].Events[0].Tags); diff != "" {
			t.Errorf("%s: tags %s", c.Tags, diff)
		}
	}
}

func mustUnmarshal(tb testing.TB, text []byte, v any) {
	tb.Helper()
	if err := json.Unmarshal(text, v); err != nil {
		tb.Fatalf("%s: %v", text, err)
	}
}

func TestGoldenVariationIDs(t *testing.T) {
	for _, c := range enginetest.MustVectors(t).IDs.VariationID {
		want := `"variation_id":null`
		if c.Out != nil {
			want = `"variation_id":"` + *c.Out + `"`
		}
		got := string(AppendImpression(nil, &Visitor{}, &Decision{VariationID: c.In}, uuid, timestamp))
		if !strings.Contains(got, want) {
			t.Errorf("%q: got %s", c.In, got)
		}
	}
}

func TestACampaignIsItsLayerElseItsExperiment(t *testing.T) {
	for _, c := range enginetest.MustVectors(t).IDs.CampaignID {
		want := "null"
		if c.JS != nil {
			want = `"` + *c.JS + `"`
		}
		got := string(AppendImpression(nil, &Visitor{}, &Decision{CampaignID: c.Layer, ExperimentID: c.Experiment}, uuid, timestamp))
		if !strings.Contains(got, `"campaign_id":`+want+`,`) || !strings.Contains(got, `"entity_id":`+want+`,`) {
			t.Errorf("%q of experiment %q: got %s", c.Layer, c.Experiment, got)
		}
	}
}

// The golden impressions are decisions of scenarios that may need parts of the engine this package does not know; here they
// only have to survive being read and written.
func TestGoldenImpressionsSurviveReadingAndWriting(t *testing.T) {
	n := 0
	for _, scenario := range enginetest.MustVectors(t).Decisions.Cases {
		for _, raw := range scenario.Expected.Impressions {
			var want map[string]any
			mustUnmarshal(t, raw, &want)
			r := reader{Parser: jsontext.New(string(raw))}
			d := r.decision()
			var got struct {
				Snapshots []struct {
					Decisions []map[string]any
					Events    []struct {
						EntityID any `json:"entity_id"`
					}
				}
			}
			mustUnmarshal(t, AppendImpression(nil, &Visitor{}, &d, uuid, timestamp), &got)
			s := got.Snapshots[0]
			s.Decisions[0]["entity_id"] = s.Events[0].EntityID
			if diff := cmp.Diff(want, s.Decisions[0]); diff != "" {
				t.Errorf("%s: %s", scenario.Name, diff)
			}
			n++
		}
	}
	if n < 50 {
		t.Errorf("only %d impressions", n)
	}
}

func TestARegionIsWrittenWhereThereIsOne(t *testing.T) {
	b := mustDecode(t, string(AppendEnvelope(nil, &Batch{Region: "EU", Revision: "1"}))+End)
	if b.Region != "EU" || b.Revision != "1" {
		t.Errorf("read %+v", b)
	}
}

func TestAPredictionsUUIDIsWrittenWhereThereIsOne(t *testing.T) {
	d := Decision{"111", "11", "1111", Metadata{FlagKey: "f", CmabUUID: "c-1"}}
	v := AppendImpression(AppendEnvelope(nil, &Batch{}), &Visitor{}, &d, uuid, timestamp)
	got := mustDecode(t, string(v)+End).Visitors[0].Snapshots[0].Decisions[0]
	if diff := cmp.Diff(d, got); diff != "" {
		t.Error(diff)
	}
}

func TestATagWithoutTextIsNull(t *testing.T) {
	got := string(appendTags(nil, []Tag{{Key: "x", Value: audience.Value{Kind: audience.Other}}}))
	if want := `{"x":null}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestWritingAllocatesNothing(t *testing.T) {
	dst := make([]byte, 0, 4096)
	for _, s := range mustScenarios(t) {
		if s.Decision == nil {
			continue
		}
		v := s.visitor(t)
		d := &Decision{"111", "11", "1111", Metadata{RuleKey: "item-sort"}}
		if n := testing.AllocsPerRun(10, func() { AppendImpression(dst, v, d, uuid, timestamp) }); n != 0 {
			t.Errorf("%s: %v allocations", s.Name, n)
		}
	}
}

func BenchmarkAppendImpressionNoAlloc(b *testing.B) {
	v := &Visitor{ID: "visitor-0123456789", Attributes: []Attribute{
		{EntityID: "301", Key: "plan", Value: audience.OfText("gold")}, {EntityID: "302", Key: "age", Value: audience.OfNumber(41)}, {EntityID: "303", Key: "ratio", Value: audience.OfNumber(math.Pi)}, BotFiltering(false),
	}}
	d := &Decision{"111", "11", "1111", Metadata{RuleKey: "item-sort", RuleType: "experiment", VariationKey: "price", Enabled: true}}
	dst := make([]byte, 0, 4096)
	b.ReportAllocs()
	for b.Loop() {
		AppendImpression(dst, v, d, "b1f5f3a0-0000-4000-8000-000000000001", timestamp)
	}
}

func BenchmarkAppendConversionNoAlloc(b *testing.B) {
	v := &Visitor{ID: "visitor-0123456789", Attributes: []Attribute{{EntityID: "301", Key: "plan", Value: audience.OfText("gold")}}}
	e := &Event{EntityID: "401", Key: "item_purchase", UUID: "b1f5f3a0-0000-4000-8000-000000000001", Timestamp: timestamp}
	tags := []Tag{
		{Key: "revenue", Value: audience.OfNumber(5400)}, {Key: "value", Value: audience.OfText("54.50")}, {Key: "item", Value: audience.OfText("lamp")},
	}
	dst := make([]byte, 0, 4096)
	b.ReportAllocs()
	for b.Loop() {
		AppendConversion(dst, v, e, tags)
	}
}

func BenchmarkDecode(b *testing.B) {
	one := mustReadFile(b, "sdk/go.json")
	batch := mustDecode(b, one)
	many := batch.AppendHeader(nil)
	for range 64 {
		many = batch.AppendVisitors(many, nil)
	}
	for name, body := range map[string]string{"a batch": one, "64 times as many visitors": string(many) + End} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Decode(body); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func FuzzConversion(f *testing.F) {
	f.Add("Matt", "item", "lamp\n", 54.5)
	f.Add("\"", "revenue", "12abc", -1e300)
	f.Fuzz(func(t *testing.T, id, key, value string, n float64) {
		// Strings come from JavaScript or JSON, so they are well-formed.
		id, key, value = strings.ToValidUTF8(id, "?"), strings.ToValidUTF8(key, "?"), strings.ToValidUTF8(value, "?")
		tags := []Tag{{Key: key, Value: audience.OfText(value)}, {Key: "value", Value: audience.OfNumber(n)}}
		v := &Visitor{ID: id, Attributes: []Attribute{{EntityID: "1", Key: key, Value: audience.OfText(value)}, {EntityID: "2", Key: "n", Value: audience.OfNumber(n)}}}
		got := mustDecode(t, string(AppendConversion(AppendEnvelope(nil, &Batch{}), v, &Event{Key: "k", UUID: "u", Timestamp: 1}, tags))+End)
		read := got.Visitors[0]
		if read.ID != id || !reflect.DeepEqual(read.Attributes[0], v.Attributes[0]) {
			t.Fatalf("wrote %+v, read %+v", v, read)
		}
		if sent := v.Attributes[1].sent(); sent && (len(read.Attributes) != 2 || !reflect.DeepEqual(read.Attributes[1], v.Attributes[1])) {
			t.Fatalf("wrote %+v, read %+v", v.Attributes[1], read.Attributes)
		}
		if e := read.Snapshots[0].Events[0]; key != "value" && e.Value != finite(n) {
			t.Fatalf("wrote the value %v, read %+v", n, e.Value)
		}
	})
}
