package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"
	"github.com/tetratelabs/wazero/sys"
)

// start starts a module and returns the state it is in then.
func start(ctx context.Context, m *module) (*state, error) {
	// What runs once is not worth compiling.
	runtime := wazero.NewRuntimeWithConfig(ctx, wazero.NewRuntimeConfigInterpreter())
	defer runtime.Close(ctx) //nolint:errcheck // holds nothing but memory
	if _, err := wasi_snapshot_preview1.Instantiate(ctx, runtime); err != nil {
		return nil, fmt.Errorf("preparing WASI: %w", err)
	}
	config := wazero.NewModuleConfig().
		WithEnv("GOGC", "off").                                          // the engine says when to collect: wasm/garbage.go
		WithNanotime(func() int64 { return 1 }, sys.ClockResolution(1)). // at 0 Go does not start
		WithWalltime(func() (int64, int32) { return 0, 1 }, sys.ClockResolution(1)).
		WithStartFunctions(initialize)
	instance, err := runtime.InstantiateWithConfig(ctx, m.exposed(), config)
	if err != nil {
		return nil, fmt.Errorf("starting it: %w", err)
	}
	memory := instance.Memory()
	if memory == nil {
		return nil, errors.New("it exports no memory")
	}
	content, _ := memory.Read(0, memory.Size())
	return &state{memory: slices.Clone(content), globals: m.globalsOf(instance)}, nil
}

// globalsOf reads the globals of an instance of the exposed module.
func (m *module) globalsOf(instance api.Module) []uint64 {
	values := make([]uint64, len(m.globals))
	for i := range values {
		values[i] = instance.ExportedGlobal(strconv.Itoa(i)).Get()
	}
	return values
}
