package main

import (
	"log/slog"
	"strings"
	"sync"

	"sortition/relay/internal/datasource"
)

// advisor tells the operator what in a new datafile does not go with the settings: once, until it changes.
type advisor struct {
	settings *settings
	page     pageConfig
	log      *slog.Logger

	mu   sync.Mutex
	said map[string]string // by what it is about
}

func newAdvisor(s *settings, page pageConfig, log *slog.Logger) *advisor {
	return &advisor{settings: s, page: page, log: log, said: map[string]string{}}
}

// start tells what is plain without any datafile.
func (a *advisor) start() {
	if a.settings.access().Tokens[a.page.SDKKey] != "" {
		a.log.Warn("the page cannot show its project: the datafile wants an access token, which the page is not told, since then everyone would have it; "+
			"--page-project may name another", "sdkKey", a.page.SDKKey)
	}
	if a.settings.ResultsToken == "" && !a.settings.access().Results(a.page.SDKKey, "") {
		a.log.Info("the results of the page's project are closed to everyone: a --results-token would open them", "sdkKey", a.page.SDKKey)
	}
}

// look looks at a new datafile; sharers are all that bear its projectId.
func (a *advisor) look(d *datasource.Datafile, sharers []*datasource.Datafile) {
	if d.SDKKey == a.page.SDKKey {
		a.lookAtPage(d)
	}
	a.lookAtSharers(d.ProjectID, sharers)
}

func (a *advisor) lookAtPage(d *datasource.Datafile) {
	misfits := strings.Join(a.page.misfits(d.Project), "; ")
	switch told := a.news("page", misfits); {
	case told && misfits != "":
		a.log.Warn("the page's settings do not fit the datafile", "sdkKey", d.SDKKey, "revision", d.Revision, "misfits", misfits)
	case told:
		a.log.Info("the page's settings fit the datafile", "sdkKey", d.SDKKey, "experiment", a.page.ExperimentKey, "event", a.page.EventKey)
	}
}

func (a *advisor) lookAtSharers(projectID string, sharers []*datasource.Datafile) {
	var keys []string
	own := false
	for _, sharer := range sharers {
		keys = append(keys, sharer.SDKKey)
		p, _ := a.settings.project(sharer.SDKKey)
		own = own || p.source != ""
	}
	if own && len(keys) > 1 && a.news("projectId "+projectID, strings.Join(keys, " ")) {
		a.log.Info("projects share a projectId: a webhook refetches all of them, the first answers /json/ and takes events that name no sdkKey",
			"projectId", projectID, "sdkKeys", strings.Join(keys, " "))
	}
}

// news tells whether something is to be said that was not said last.
func (a *advisor) news(about, text string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	before, said := a.said[about]
	a.said[about] = text
	return !said || before != text
}
