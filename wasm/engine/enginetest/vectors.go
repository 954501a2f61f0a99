// Package enginetest holds the golden vectors of the decision engine, 600 cases whose answers the official JavaScript SDK 6.6.1
// gave, and readers for everyone's tests. Unlike the engine it may import what it likes; nothing but tests may import it.
package enginetest

import (
	_ "embed"
	"encoding/json"
	"math"
	"testing"
)

//go:embed testdata/vectors.json
var vectorsJSON []byte

// Vectors are the golden cases, by section of the file.
type Vectors struct {
	Murmur3 struct {
		Cases []struct {
			Hex  string
			Seed uint32
			Hash uint32
		}
	} `json:"murmur3_x86_32_reference"`

	Buckets struct {
		Cases []struct {
			UTF8   string `json:"utf8_hex"`
			Hash   uint32
			Bucket int
		}
	} `json:"hash_and_bucket"`

	Allocation struct {
		Scan
		ZeroWidth Scan `json:"zero_width"`
		Unsorted  Scan
	} `json:"traffic_allocation_scan"`

	Groups struct {
		Group struct {
			ID                string
			Policy            string
			TrafficAllocation []Range
		}
		Experiments map[string][]Range
		Cases       []struct {
			BucketingID       string  `json:"bucketing_id"`
			GroupBucket       int     `json:"group_bucket"`
			Experiment        string  `json:"experiment"`
			ExperimentBucket  *int    `json:"experiment_bucket"`
			ExpectedVariation *string `json:"expected_variation"`
		}
	} `json:"group_bucketing"`

	Audiences struct {
		Cases []struct {
			Group      string
			Conditions json.RawMessage
			Attributes map[string]json.RawMessage // read values with Value
			Segments   []string                   // nil: never fetched
			JS         *bool                      // nil: unknown
		}
	} `json:"audience_conditions"`

	Semver struct {
		Cases []struct {
			Condition json.RawMessage // text, or a number, which is no version
			Attribute json.RawMessage
			JS        *int `json:"js_cmp"` // nil: unknown
		}
	} `json:"semver"`

	EventTags struct {
		Cases []struct {
			Tags json.RawMessage
			JS   struct {
				Revenue  *float64
				Value    json.RawMessage
				TagsSent json.RawMessage `json:"tags_sent"`
			}
		}
	} `json:"event_tags"`

	Variables struct {
		Cases []struct {
			Type, Value string
			JS          json.RawMessage // infinities as {"$num": ...}
		}
	} `json:"feature_variable_cast"`

	Words struct {
		Cases []struct {
			Conditions json.RawMessage
			Expected   string
		}
	} `json:"serialized_audiences"`

	IDs struct {
		VariationID []struct {
			In  string
			Out *string
		} `json:"variation_id"`
		CampaignID []struct {
			Layer, Experiment string
			JS                *string
		} `json:"campaign_id"`
	} `json:"event_id_normalisation"`

	Decisions struct {
		Cases []Decision
	}
}

// Range is an entry of a traffic allocation.
type Range struct {
	EntityID   string
	EndOfRange int
}

// Scan is a traffic allocation, with what is found in it.
type Scan struct {
	Ranges []Range
	Cases  []struct {
		Bucket   int
		Expected *string
	}
}

// Decision is a scenario: a datafile, a user, what was forced, and what decideForKeys answered.
type Decision struct {
	Name               string
	UserID             string `json:"user_id"`
	Attributes         map[string]json.RawMessage
	Keys               []string
	Options            []string
	Datafile           json.RawMessage
	SetForcedVariation []struct{ ExperimentKey, UserID, VariationKey string } `json:"set_forced_variation"`
	ForcedDecisions    []struct {
		FlagKey      string
		RuleKey      *string
		VariationKey string
	} `json:"forced_decisions"`
	Expected struct {
		Decisions   map[string]FlagDecision
		Impressions []json.RawMessage
	} `json:"expected_js"`
}

// FlagDecision is what one flag came to.
type FlagDecision struct {
	VariationKey *string
	Enabled      bool
	RuleKey      *string
	Variables    json.RawMessage
	Reasons      []string
}

// MustVectors reads the golden cases.
func MustVectors(tb testing.TB) *Vectors {
	tb.Helper()
	var v Vectors
	if err := json.Unmarshal(vectorsJSON, &v); err != nil {
		tb.Fatalf("golden vectors: %v", err)
	}
	return &v
}

// Undefined is JavaScript's undefined as the value of an attribute that is there.
type Undefined struct{}

// Value reads a value of the vectors' attributes: {"$num":"NaN"} and the infinities are float64, {"$":"undefined"} is Undefined.
func Value(tb testing.TB, raw json.RawMessage) any {
	tb.Helper()
	var value any
	if err := json.Unmarshal(raw, &value); err != nil {
		tb.Fatalf("value %s: %v", raw, err)
	}
	object, _ := value.(map[string]any)
	if _, ok := object["$"]; ok {
		return Undefined{}
	}
	switch object["$num"] {
	case "NaN":
		return math.NaN()
	case "Infinity":
		return math.Inf(1)
	case "-Infinity":
		return math.Inf(-1)
	}
	return value
}
