package engine

import "sortition/wasm/engine/datafile"

// Engine answers for one datafile.
type Engine struct {
	project *datafile.Project
}

// New parses a datafile. The error says what is wrong with it and where.
func New(text string) (*Engine, error) {
	project, err := datafile.Parse(text)
	if err != nil {
		return nil, err
	}
	return Of(project), nil
}

// Of makes an engine of a datafile that was parsed before.
func Of(project *datafile.Project) *Engine { return &Engine{project: project} }

// Project returns what the datafile says. It is shared: read it only.
func (e *Engine) Project() *datafile.Project { return e.project }
