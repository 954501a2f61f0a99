package evaluate

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"sortition/wasm/engine"
	"sortition/wasm/engine/datafile"
	"sortition/wasm/engine/decision"
)

// The protocol has one value for a key and does not tell which type the application expects, so each thing that a flag says has a
// key of its own:
//
//	FLAG            boolean  whether it is on
//	FLAG.VARIABLE   any      the value of a variable
//	FLAG.*          object   the values of all its variables
//	EXPERIMENT      string   of an experiment that no flag lists: the variation's key, and no value for whoever is in none

// The values of Evaluation.ErrorCode.
const (
	CodeParse               = "PARSE_ERROR"
	CodeTargetingKeyMissing = "TARGETING_KEY_MISSING"
	CodeInvalidContext      = "INVALID_CONTEXT"
	CodeFlagNotFound        = "FLAG_NOT_FOUND"
	CodeGeneral             = "GENERAL"
)

// The values of Evaluation.Reason, as the SDK's OpenFeature provider gives them.
const (
	reasonSplit     = "SPLIT"           // an experiment or a holdout decided
	reasonTargeting = "TARGETING_MATCH" // a delivery
	reasonDisabled  = "DISABLED"        // a delivery that is off
	reasonDefault   = "DEFAULT"         // no rule
)

// Evaluation is what OFREP says of one key: a value, or what is wrong. Without a Value the application's own default holds.
type Evaluation struct {
	Key          string          `json:"key,omitempty"`
	Value        json.RawMessage `json:"value,omitempty"`
	Variant      string          `json:"variant,omitempty"` // the variation's key
	Reason       string          `json:"reason,omitempty"`
	Metadata     *Metadata       `json:"metadata,omitempty"`
	ErrorCode    string          `json:"errorCode,omitempty"`
	ErrorDetails string          `json:"errorDetails,omitempty"`
}

// Metadata says which rule decided. The datafile's revision is not part of it: a page takes whatever differs for a change.
type Metadata struct {
	RuleKey      string `json:"ruleKey,omitempty"`
	ExperimentID string `json:"experimentId,omitempty"`
	VariationID  string `json:"variationId,omitempty"`
}

// Evaluations are the answer to a bulk evaluation.
type Evaluations struct {
	Flags    []Evaluation `json:"flags"`
	Metadata struct {
		Revision string `json:"revision"`
	} `json:"metadata"`
	EventStreams []EventStream `json:"eventStreams,omitempty"` // whoever answers knows of them
}

// EventStream is where a page hears that it should evaluate again.
type EventStream struct {
	Type     string `json:"type"` // sse
	Endpoint struct {
		RequestURI string `json:"requestUri"` // at the origin of the evaluation
	} `json:"endpoint"`
}

// Flag answers the evaluation of one key; what is wrong has an ErrorCode. The events are those of an SDK's decide.
func Flag(project *datafile.Project, body, key string) (answer Evaluation, events string) {
	v, problem := contextVisitor(project, body)
	if problem != nil {
		problem.Key = key
		return *problem, ""
	}
	if flag, part, ok := flagAt(project, key); ok {
		d := v.engine.Decide(flag.Key, v.user)
		v.tell(&d)
		return v.partOf(&d, part, key), v.events()
	}
	if x := project.ExperimentByKey(key); x != nil && !x.Rollout {
		variation := v.engine.GetVariation(key, v.user)
		if variation != nil {
			v.impression(engine.Activated(x, variation))
		}
		return variationOf(x, variation), v.events()
	}
	return Evaluation{Key: key, ErrorCode: CodeFlagNotFound, ErrorDetails: fmt.Sprintf(
		"revision %s of the datafile has no flag or experiment %q, and no flag with such a variable", project.Revision, key)}, ""
}

// Flags answers the evaluation of every key. It tells of nothing: whoever asks for all flags has not shown any of them yet.
func Flags(project *datafile.Project, body string) (answer *Evaluations, problem *Evaluation) {
	v, problem := contextVisitor(project, body)
	if problem != nil {
		return nil, problem
	}
	answer = &Evaluations{Flags: []Evaluation{}}
	answer.Metadata.Revision = project.Revision
	for _, key := range unique(flagKeys(project)) {
		d := v.engine.Decide(key, v.user)
		answer.Flags = append(answer.Flags, v.partOf(&d, whetherOn, key))
		if len(d.Flag.Variables) > 0 {
			answer.Flags = append(answer.Flags, v.partOf(&d, allVariables, key+"."+allVariables))
		}
		for _, variable := range d.Flag.Variables {
			answer.Flags = append(answer.Flags, v.partOf(&d, variable.Key, key+"."+variable.Key))
		}
	}
	for _, x := range project.Experiments {
		if !x.Rollout && !x.HasFlag && project.FlagByKey(x.Key) == nil && project.ExperimentByKey(x.Key) == x {
			answer.Flags = append(answer.Flags, variationOf(x, v.engine.GetVariation(x.Key, v.user)))
		}
	}
	return answer, nil
}

// contextVisitor reads the evaluation context of a request.
func contextVisitor(project *datafile.Project, body string) (*visitor, *Evaluation) {
	var context, id string
	problem := readMembers(body, func(m member) *FieldError {
		if m.is("context") {
			return m.object(&context)
		}
		return nil
	})
	if problem == nil && context != "" {
		problem = readMembers(context, func(m member) *FieldError {
			if m.key == "targetingKey" {
				return m.text(&id)
			}
			return nil
		})
	}
	switch {
	case problem != nil && problem.Field == "":
		return nil, &Evaluation{ErrorCode: CodeParse, ErrorDetails: problem.Sentence}
	case problem != nil:
		return nil, &Evaluation{ErrorCode: CodeInvalidContext, ErrorDetails: problem.Sentence}
	case id == "":
		return nil, &Evaluation{ErrorCode: CodeTargetingKeyMissing, ErrorDetails: "context.targetingKey is missing: the visitor's id"}
	case id == noID:
		return nil, &Evaluation{ErrorCode: CodeInvalidContext, ErrorDetails: "context.targetingKey: " + neverSet}
	}
	v, err := newVisitor(project, id, context)
	if err != nil {
		return nil, &Evaluation{ErrorCode: CodeInvalidContext, ErrorDetails: "in the context: " + err.Error()}
	}
	return v, nil
}

// The parts of a flag that are no variables.
const (
	whetherOn    = ""
	allVariables = "*"
)

// flagAt finds the flag that a key is of, and the part it names.
func flagAt(project *datafile.Project, key string) (flag *datafile.Flag, part string, ok bool) {
	if flag = project.FlagByKey(key); flag != nil {
		return flag, whetherOn, true
	}
	dot := strings.LastIndexByte(key, '.')
	if dot < 0 {
		return nil, "", false
	}
	flag, part = project.FlagByKey(key[:dot]), key[dot+1:]
	return flag, part, flag != nil && (part == allVariables || variableOf(flag, part) != nil)
}

func variableOf(flag *datafile.Flag, key string) *datafile.Variable {
	i := slices.IndexFunc(flag.Variables, func(v *datafile.Variable) bool { return v.Key == key })
	if i < 0 {
		return nil
	}
	return flag.Variables[i]
}

// partOf is the part of a decided flag that a key stands for.
func (v *visitor) partOf(d *engine.Decision, part, key string) Evaluation {
	if d.Failed {
		return Evaluation{Key: key, ErrorCode: CodeGeneral, ErrorDetails: "the datafile gives the flag " + d.Flag.Key + " no list of experiments"}
	}
	answer := Evaluation{Key: key, Variant: d.VariationKey(), Reason: reasonOf(d), Metadata: &Metadata{}}
	if d.Rule != nil {
		answer.Metadata.RuleKey, answer.Metadata.ExperimentID = d.Rule.Key, d.Rule.ID
	}
	if d.Variation != nil {
		answer.Metadata.VariationID = d.Variation.ID
	}
	switch part {
	case whetherOn:
		answer.Value = strconv.AppendBool(nil, d.Enabled())
	case allVariables:
		answer.Value = v.engine.AppendVariables(nil, d)
	default:
		answer.Value = v.engine.AppendVariableOf(nil, d, variableOf(d.Flag, part))
	}
	if string(answer.Value) == "null" { // its text is not of the variable's type
		answer.Value = nil
	}
	return answer
}

func reasonOf(d *engine.Decision) string {
	switch {
	case d.Rule == nil:
		return reasonDefault
	case d.Source != decision.Rollout:
		return reasonSplit
	case d.Enabled():
		return reasonTargeting
	}
	return reasonDisabled
}

// variationOf is what a visitor gets of an experiment by itself.
func variationOf(x *datafile.Experiment, variation *datafile.Variation) Evaluation {
	if variation == nil {
		return Evaluation{Key: x.Key, Reason: reasonDefault, Metadata: &Metadata{}}
	}
	value, _ := json.Marshal(variation.Key) // text always has a form in JSON
	return Evaluation{Key: x.Key, Value: value, Variant: variation.Key, Reason: reasonSplit, Metadata: &Metadata{x.Key, x.ID, variation.ID}}
}
