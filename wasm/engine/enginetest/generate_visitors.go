package enginetest

import (
	"fmt"
	"math/rand/v2"
	"strconv"
)

var (
	askedKeys = []string{"country", "age", "app_version", "plan", "device", "visits", "beta"}
	countries = []string{"NO", "SE", "DK", "FI", "DE", "FR"}
	plans     = []string{"free", "team plan", "pro plan", "enterprise plan"}
)

// declared lists the attributes that audiences ask for, and some that none does.
func declared(padding int) (attributes list) {
	for i, key := range askedKeys {
		attributes = append(attributes, object{"id": strconv.Itoa(70000 + i), "key": key})
	}
	for i := range padding {
		attributes = append(attributes, object{"id": strconv.Itoa(71000 + i), "key": fmt.Sprintf("attribute_%d", i)})
	}
	return attributes
}

func leaf(match, name string, value any) object {
	return object{"type": "custom_attribute", "match": match, "name": name, "value": value}
}

// audiences makes the measured audience and n-1 random ones.
func (g *Generator) audiences(n int) (audiences list, ids []string) {
	audiences = list{object{"id": measuredAudience, "name": "everyone who is measured", "conditions": list{
		"and",
		list{"or", leaf("exact", "country", "NO"), leaf("exact", "country", "SE")},
		list{"not", list{"or", leaf("exact", "plan", "free")}},
		leaf("ge", "age", 18), leaf("semver_ge", "app_version", "2.1.0"), leaf("substring", "plan", "plan"),
	}}}
	for i := 1; i < n; i++ {
		id := g.id()
		ids = append(ids, id)
		audiences = append(audiences, object{"id": id, "name": fmt.Sprintf("audience %d", i), "conditions": list{
			"and", list{"or", g.leaf(), g.leaf()}, list{"not", g.leaf()},
		}})
	}
	return audiences, ids
}

func (g *Generator) leaf() object {
	switch g.rand.IntN(7) {
	case 0:
		return leaf("exact", "country", countries[g.rand.IntN(len(countries))])
	case 1:
		return leaf("gt", "age", g.rand.IntN(80))
	case 2:
		return leaf("semver_le", "app_version", version(g.rand))
	case 3:
		return leaf("substring", "plan", "pro")
	case 4:
		return leaf("exists", "device", nil)
	case 5:
		return leaf("lt", "visits", g.rand.IntN(100))
	default:
		return leaf("exact", "beta", g.rand.IntN(2) == 0)
	}
}

// Visitor is someone with what a page knows of them.
type Visitor struct {
	ID         string         `json:"id"`
	Attributes map[string]any `json:"attributes"`
}

// visitorID names the i-th visitor.
func visitorID(i int) string { return fmt.Sprintf("visitor_%06d", i*7919%1_000_000) }

// Matching returns n visitors with four attributes who all meet the measured audience.
func (g *Generator) Matching(n int) []Visitor {
	visitors := make([]Visitor, n)
	for i := range visitors {
		visitors[i] = Visitor{ID: visitorID(i), Attributes: map[string]any{
			"country": countries[g.rand.IntN(2)], "age": 18 + g.rand.IntN(60),
			"app_version": fmt.Sprintf("2.%d.%d", 1+g.rand.IntN(9), g.rand.IntN(9)), "plan": plans[1+g.rand.IntN(3)],
		}}
	}
	return visitors
}

// Arbitrary returns n visitors who have some of the attributes, some of a wrong type.
func (g *Generator) Arbitrary(n int) []Visitor {
	visitors := make([]Visitor, n)
	for i := range visitors {
		all := map[string]any{
			"country": countries[g.rand.IntN(len(countries))], "age": g.rand.IntN(90), "app_version": version(g.rand),
			"plan": plans[g.rand.IntN(len(plans))], "device": "phone", "visits": g.rand.Float64() * 100, "beta": i%2 == 0,
		}
		for _, key := range askedKeys {
			switch g.rand.IntN(8) {
			case 0, 1:
				delete(all, key)
			case 2:
				all[key] = "wrong"
			}
		}
		visitors[i] = Visitor{ID: visitorID(i), Attributes: all}
	}
	return visitors
}

func version(r *rand.Rand) string {
	return fmt.Sprintf("%d.%d.%d", r.IntN(4), r.IntN(10), r.IntN(10))
}
