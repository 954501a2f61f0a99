package evaluate

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strings"

	"sortition/wasm/engine"
	"sortition/wasm/engine/datafile"
	"sortition/wasm/engine/decision"
)

// agentRequest is the body of any request to Agent's API. What one of them does not take is passed over.
type agentRequest struct {
	userID, attributes, tags string // attributes and tags are JSON objects, "" for none
	decideOptions            []string
	forcedDecisions          []forcedDecision
	fetchSegments            bool
}

type forcedDecision struct {
	FlagKey      string `json:"flagKey"`
	RuleKey      string `json:"ruleKey"` // "" is the flag as a whole
	VariationKey string `json:"variationKey"`
}

// readAgent reads a request and the visitor it is about. No body is a request without a user.
func readAgent(project *datafile.Project, body string) (r agentRequest, v *visitor, err error) {
	if body != "" {
		if problem := readMembers(body, r.take); problem != nil {
			return r, nil, problem
		}
	}
	switch r.userID {
	case "":
		return r, nil, &FieldError{"userId", `missing "userId" in request payload`}
	case noID:
		return r, nil, &FieldError{"userId", `invalid "userId" in request payload: ` + neverSet}
	}
	if v, err = newVisitor(project, r.userID, r.attributes); err != nil {
		return r, nil, unparsed("userAttributes", "userAttributes: "+err.Error())
	}
	return r, v, nil
}

func (r *agentRequest) take(m member) *FieldError {
	switch {
	case m.is("userId"):
		return m.text(&r.userID)
	case m.is("userAttributes"):
		return m.object(&r.attributes)
	case m.is("eventTags"):
		return m.object(&r.tags)
	case m.is("decideOptions"):
		return m.texts(&r.decideOptions)
	case m.is("forcedDecisions"):
		return m.list(&r.forcedDecisions)
	case m.is("fetchSegments"):
		return m.flag(&r.fetchSegments)
	}
	return nil
}

// options are those of a decision. Those that concern user profiles and bandits change nothing: the relay keeps no profiles between
// requests, and passes bandits over.
type options struct {
	disableDecisionEvent, enabledFlagsOnly, ignoreProfile, includeReasons, excludeVariables bool
}

func readOptions(names []string) (o options, err error) {
	for i, name := range names {
		switch name {
		case "DISABLE_DECISION_EVENT":
			o.disableDecisionEvent = true
		case "ENABLED_FLAGS_ONLY":
			o.enabledFlagsOnly = true
		case "IGNORE_USER_PROFILE_SERVICE":
			o.ignoreProfile = true
		case "INCLUDE_REASONS":
			o.includeReasons = true
		case "EXCLUDE_VARIABLES":
			o.excludeVariables = true
		case "IGNORE_CMAB_CACHE", "RESET_CMAB_CACHE", "INVALIDATE_USER_CMAB_CACHE":
		default:
			return o, &FieldError{fmt.Sprintf("decideOptions[%d]", i), "invalid option: " + name}
		}
	}
	return o, nil
}

// Decide answers POST /v1/decide: with a Decision for one key, else with Decisions, of the keys or, without any, of all flags.
func Decide(project *datafile.Project, body string, keys []string) (answer Answer, events string, err error) {
	request, v, err := readAgent(project, body)
	if err != nil {
		return nil, "", err
	}
	options, err := readOptions(request.decideOptions)
	if err != nil {
		return nil, "", err
	}
	if request.fetchSegments {
		return nil, "", &FieldError{"fetchSegments", "failed to fetch qualified segments: this relay asks no data platform; leave fetchSegments out"}
	}
	d := newDecider(v, &request, options)
	if len(keys) == 1 {
		one := d.decide(keys[0])
		return &one, d.events(), nil
	}
	if len(keys) == 0 {
		keys = flagKeys(project)
	}
	keys = unique(keys)
	if err := checkRepeats(keys, body); err != nil {
		return nil, "", err
	}
	answers := Decisions{}
	for _, key := range keys {
		one := d.decide(key)
		if err := cmp.Or(d.checkEvents(), d.checkReasons()); err != nil {
			return nil, "", err
		}
		if one.Enabled || !options.enabledFlagsOnly || project.FlagByKey(key) == nil {
			answers = append(answers, one)
		}
	}
	return answers, d.events(), nil
}

// decider makes the decisions of one request.
type decider struct {
	*visitor
	context UserContext
	options options
	reasons int // given so far
}

func newDecider(v *visitor, request *agentRequest, o options) decider {
	d := decider{visitor: v, context: UserContext{request.userID, json.RawMessage(v.attributes)}, options: o}
	for _, forced := range request.forcedDecisions {
		if forced.RuleKey == "" {
			d.user.ForceDecision(forced.FlagKey, forced.VariationKey)
		} else {
			d.user.ForceRule(forced.FlagKey, forced.RuleKey, forced.VariationKey)
		}
	}
	if o.includeReasons {
		d.user.Reasons = &decision.Reasons{}
		if !o.ignoreProfile {
			d.user.Profile = &decision.Profile{} // so that a flag's reasons tell of what an earlier one's brought, as the official SDK's do
		}
	}
	return d
}

func (d *decider) decide(key string) Decision {
	answer := Decision{FlagKey: key, UserContext: d.context, Reasons: []string{}}
	if d.options.includeReasons {
		d.user.Reasons.Reset()
	}
	made := d.engine.Decide(key, d.user)
	if made.Flag == nil {
		answer.Reasons = append(answer.Reasons, fmt.Sprintf(`No flag was found for key "%s".`, key))
		return answer
	}
	answer.VariationKey, answer.RuleKey, answer.Enabled = made.VariationKey(), made.RuleKey(), made.Enabled()
	answer.IsEveryoneElseVariation = isForEveryoneElse(&made)
	if d.options.includeReasons {
		answer.Reasons = d.user.Reasons.Strings()
		d.reasons += len(answer.Reasons)
	}
	if !d.options.excludeVariables {
		answer.Variables = d.variables(&made)
	}
	if !d.options.disableDecisionEvent {
		d.tell(&made)
	}
	return answer
}

// isForEveryoneElse tells whether the rule is the last of the flag's rollout that Optimizely adds by itself.
func isForEveryoneElse(d *engine.Decision) bool {
	return d.Source == decision.Rollout && d.Rule != nil && d.Rule.Key == d.Rule.ID && strings.HasPrefix(d.Rule.Key, "default-")
}

// flagKeys are those of all flags, in the datafile's order.
func flagKeys(project *datafile.Project) (keys []string) {
	for _, flag := range project.Flags {
		keys = append(keys, flag.Key)
	}
	return keys
}

// maxRepeats bounds how many bytes of its visitor an answer repeats: a request may name ten thousand keys, and each is answered with
// the visitor.
const maxRepeats = 8 << 20

// checkRepeats says what is wrong with so many keys for a visitor as large as the body.
func checkRepeats(keys []string, body string) error {
	if len(keys)*len(body) <= maxRepeats {
		return nil
	}
	return &FieldError{Sentence: fmt.Sprintf("the answer would repeat this visitor %d times; ask for fewer keys at once", len(keys))}
}

// checkReasons says what is wrong with so many reasons for a visitor with so long an id, which most of them repeat.
func (d *decider) checkReasons() error {
	if d.reasons*len(d.user.ID) <= maxRepeats {
		return nil
	}
	return &FieldError{Sentence: fmt.Sprintf("%d reasons repeat this visitor's id; ask for fewer keys at once, or without reasons", d.reasons)}
}

// unique are the keys, each once, in order.
func unique(keys []string) (each []string) {
	seen := make(map[string]bool, len(keys))
	for _, key := range keys {
		if !seen[key] {
			seen[key] = true
			each = append(each, key)
		}
	}
	return each
}
