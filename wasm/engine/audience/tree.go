package audience

import (
	"slices"

	"sortition/wasm/engine/internal/jsontext"
)

// compile compiles a tree whose leaves, that is, whatever is no list, leaf consumes. It puts nodes into room first, as long as there is any.
func compile(source string, room []node, leaf func(*jsontext.Parser) node) Program {
	t := tree{Parser: jsontext.New(source), leaf: leaf, nodes: room}
	t.subtree()
	return Program{Source: source, nodes: slices.Clone(t.nodes)}
}

// tree reads a tree and appends its nodes, simplified as node says.
type tree struct {
	*jsontext.Parser
	leaf  func(*jsontext.Parser) node
	nodes []node
}

func (t *tree) add(n node) {
	n.size = 1
	t.nodes = append(t.nodes, n)
}

func (t *tree) subtree() {
	if t.Kind() != jsontext.Array {
		t.add(t.leaf(t.Parser))
		return
	}
	group := len(t.nodes)
	t.add(node{op: opOr})
	not := false
	t.Array(func(i int) {
		switch {
		case i == 0:
			not = t.operator(group)
		case i > 1 && not:
			t.Skip()
		default:
			t.operand(group)
		}
	})
	t.close(group, not)
}

// operator reads the first element of a list: the operator, or, where that is left out, text that is the first operand of an
// or, or something else, which is passed over.
func (t *tree) operator(group int) (not bool) {
	raw := t.Raw()
	first := jsontext.New(raw)
	if first.Kind() != jsontext.String {
		return false
	}
	switch first.String() {
	case "and":
		t.nodes[group].op = opAnd
	case "not":
		return true
	case "or":
	default:
		t.add(t.leaf(jsontext.New(raw)))
	}
	return false
}

// operand adds a subtree to a group, or its operands instead when it is a group of the same kind.
func (t *tree) operand(group int) {
	at := len(t.nodes)
	t.subtree()
	if t.nodes[at].op == t.nodes[group].op {
		t.remove(at)
	}
}

// close ends a group, all of whose operands were added. A not was read as an or of one.
func (t *tree) close(group int, not bool) {
	subtree := t.nodes[group:]
	switch rest := int32(len(subtree) - 1); {
	case rest == 0 && not:
		subtree[0] = constant(Unknown)
	case rest == 0:
		subtree[0] = constant(eval(subtree, nil)) // and: true, or: false
	case subtree[1].size == rest:
		t.remove(group)
	default:
		subtree[0].size = rest + 1
	}
	if not {
		negate(t.nodes[group:])
	}
}

// remove takes a node out. Unlike slices.Delete it clears nothing behind the end, for which a page would have to compile 3 KB more of Go.
func (t *tree) remove(at int) {
	t.nodes = append(t.nodes[:at], t.nodes[at+1:]...)
}

// negate turns a subtree into its opposite.
func negate(subtree []node) {
	for i := range subtree {
		switch n := &subtree[i]; n.op {
		case opAnd:
			n.op = opOr
		case opOr:
			n.op = opAnd
		default:
			n.negated = !n.negated
		}
	}
}

// constant returns a condition whose truth is the same for everyone.
func constant(truth Truth) node { return node{op: opConstant, truth: truth, size: 1} }
