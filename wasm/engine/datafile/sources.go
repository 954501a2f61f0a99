package datafile

// What the datafile itself writes of an entity, for those who show more of it than decisions need.

// Source returns the JSON of the rule.
func (e *Experiment) Source() string { return e.source }

// Own returns the variations that the rule itself names: Variations has behind them what its flags add to a feature rollout.
func (e *Experiment) Own() []*Variation { return e.Variations[:e.own] }

// FlagSource returns the JSON of a flag.
func (p *Project) FlagSource(f *Flag) string { return p.sources[flags][f.Index] }

// AudienceSources returns the JSON of each audience: of the older ones, whose conditions are JSON within a string, and of the typed ones.
func (p *Project) AudienceSources() (older, typed []string) {
	return p.sources[legacyAudiences], p.sources[typedAudiences]
}
