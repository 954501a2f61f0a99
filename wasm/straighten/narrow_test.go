package main

import "testing"

func TestNarrow(t *testing.T) {
	for _, test := range []struct{ name, code, want string }{
		{"an address is loaded as it is used", "get 1; load 3 8; wrap; load 3 0; end", "get 1; load32 2 8; load 3 0; end"},
		{"an alignment that is written longer than need be is read", "get 1; load 131 0 8; wrap; end", "get 1; load32 2 8; end"},
		{"a byte too", "get 1; load8u 0 8; wrap; end", "get 1; load8u32 0 8; end"},
		{"what is loaded as 64 bits and used as 64 stays", "get 1; load 3 8; tee 2; wrap; end", ""},
		{"a constant is one of 32 bits", "i64 63; wrap; end", "i32 63; end"},
		{"what is made longer to be cut off is as it was", "get 1; extend; wrap; end", "get 1; end"},
		{"what is made longer to be asked whether it is zero is asked", "get 2; eqz64; extend; eqz64; end", "get 2; eqz64; eqz; end"},
		{"not not is nothing before a branch", "get 2; eqz64; extend; eqz64; eqz; if; nop; end; get 1; eqz; eqz; br_if 0; end", "get 2; eqz64; if; nop; end; get 1; br_if 0; end"},
		{"but makes a number one or zero elsewhere", "get 1; eqz; eqz; set 1; end", ""},
		{"what has its sign needs none", "get 1; load32s 2 4; extend32s; end", "get 1; load32s 2 4; end"},
		{"what ends in between separates", "i64 1; block; end; wrap; end", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			checkRewrite(t, narrow, test.code, test.want)
		})
	}
}
