package event

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sortition/wasm/engine/internal/jsontext"
)

// checkPlain checks that the visitors of a batch are what the reader makes of them, without plain.
func checkPlain(t *testing.T, b *Batch) {
	t.Helper()
	for i := range b.Visitors {
		got := &b.Visitors[i]
		r := reader{Parser: jsontext.New(got.Raw)}
		var want Visitor
		want.Raw = r.Source(func() { r.visitorMembers(&want) })
		if err := r.End(); err != nil || r.err != nil {
			t.Fatalf("%s was read, but: %v, %v", got.Raw, err, r.err)
		}
		if diff := cmp.Diff(&want, got); diff != "" {
			t.Errorf("%s (-reader +plain):\n%s", got.Raw, diff)
		}
	}
}

func readsPlainly(visitor string) bool {
	r := reader{Parser: jsontext.New(visitor)}
	return r.plainVisitor(new(Visitor))
}

const soundVisitor = `{"visitor_id":"u","attributes":[{"entity_id":"1","key":"plan","type":"custom","value":"gold"}],"snapshots":[{"decisions":[` +
	`{"campaign_id":"2","experiment_id":"3","variation_id":"4","metadata":{"flag_key":"f","rule_key":"r","rule_type":"experiment","variation_key":"v","enabled":true}}],` +
	`"events":[{"entity_id":"2","timestamp":1790000000000,"key":"campaign_activated","uuid":"a"}]}]}`

func TestWhatSDKsSendIsReadPlainly(t *testing.T) {
	visitors := []string{
		soundVisitor,
		string(AppendImpression(nil, &Visitor{ID: "u"}, &Decision{CampaignID: "1", ExperimentID: "2", VariationID: "3"}, "a", 1)),
		string(AppendConversion(nil, &Visitor{ID: "u"}, &Event{EntityID: "1", Key: "k", UUID: "a", Timestamp: 1}, []Tag{})),
	}
	for _, v := range mustDecode(t, mustReadFile(t, "sdk/go.json")).Visitors {
		visitors = append(visitors, v.Raw)
	}
	for _, v := range visitors {
		if !readsPlainly(v) {
			t.Errorf("it is not: %s", v)
		}
		checkPlain(t, mustDecode(t, `{"visitors":[`+v+`]}`))
	}
}

const soundHeader = `{"account_id":"1","project_id":"2","revision":"7","client_name":"javascript-sdk","client_version":"6.6.1",` +
	`"region":"EU","anonymize_ip":true,"enrich_decisions":false,"visitors":`

func TestWhatSDKsSayBeforeTheVisitorsIsReadPlainly(t *testing.T) {
	flags := strings.NewReplacer("true", "false", "false", "true")
	for _, header := range []string{soundHeader, flags.Replace(soundHeader)} {
		var got Batch
		r := reader{Parser: jsontext.New(header + "[]}")}
		if read := r.plainHeader(&got); read != len(header) {
			t.Errorf("%d bytes are read of %s", read, header)
		}
		want := mustDecode(t, strings.Replace(header, "{", "{ ", 1)+"[]}")
		want.Visitors, want.header = got.Visitors, got.header
		if diff := cmp.Diff(want, &got, cmp.AllowUnexported(Batch{})); diff != "" {
			t.Errorf("%s (-reader +plain):\n%s", header, diff)
		}
	}
	for name, change := range map[string][2]string{
		"white space":             {`{"account_id"`, `{ "account_id"`},
		"an id that is a number":  {`"2"`, `2`},
		"an escape":               {`"EU"`, `"\u0045U"`},
		"a flag that is text":     {`true`, `"true"`},
		"another member":          {`"region"`, `"x":1,"region"`},
		"a comma too many":        {`"1",`, `"1",,`},
		"no visitors":             {`,"visitors":`, `}`},
		"a text that breaks off":  {`,"visitors":`, ``},
		"something in the middle": {`"7","client`, `"7" "client`},
	} {
		odd := strings.Replace(soundHeader, change[0], change[1], 1)
		var got Batch
		r := reader{Parser: jsontext.New(odd + "[]}")}
		if read := r.plainHeader(&got); odd == soundHeader || read != 0 || !cmp.Equal(got, Batch{}, cmp.AllowUnexported(Batch{})) {
			t.Errorf("%s: %d bytes are read: %+v", name, read, got)
		}
	}
}

func TestWhatIsOddIsLeftToTheReader(t *testing.T) {
	for name, change := range map[string][2]string{
		"white space":                 {`{"visitor_id"`, `{ "visitor_id"`},
		"an escape":                   {`"gold"`, `"g\u006fld"`},
		"a control character":         {`"gold"`, "\"g\tld\""},
		"another member":              {`"enabled"`, `"cmab_uuid":"c","enabled"`},
		"an id that is a number":      {`"campaign_id":"2"`, `"campaign_id":2`},
		"a number with an exponent":   {`:1790000000000`, `:1.79e12`},
		"a number that is too long":   {`:1790000000000`, `:1790000000000000`},
		"a number with a zero before": {`:1790000000000`, `:01`},
		"a fraction without digits":   {`"gold"`, `1.`},
		"no visitor_id":               {`"visitor_id":"u",`, ``},
		"two visitor_ids":             {`"visitor_id":"u"`, `"visitor_id":"u","visitor_id":"u"`},
		"an empty uuid":               {`"uuid":"a"`, `"uuid":""`},
		"a long uuid":                 {`"uuid":"a"`, `"uuid":"` + strings.Repeat("a", maxUUID+1) + `"`},
		"two keys":                    {`"uuid":"a"`, `"uuid":"a","key":"k"`},
		"too many snapshots":          {`"snapshots":[`, `"snapshots":[` + strings.Repeat(`{"events":[]},`, maxElements)},
		"an object for a list":        {`"events":[`, `"events":{`},
		"no comma":                    {`"u","attributes"`, `"u"{"attributes"`},
		"a comma too many":            {`"u",`, `"u",,`},
		"the end of another":          {`"uuid":"a"}`, `"uuid":"a"]`},
		"no end":                      {`}]}]}`, `}]}]`},
	} {
		odd := strings.Replace(soundVisitor, change[0], change[1], 1)
		if odd == soundVisitor || readsPlainly(odd) {
			t.Errorf("%s: read plainly: %s", name, odd)
		}
	}
}
