package main

import "testing"

func TestReachStack(t *testing.T) {
	const freed = "get 1; i32 40; add32; tee 1; gset 0; get 1; i32 8; add32; tee 1; gset 0; "
	for _, test := range []struct{ name, body, want string }{
		{"a store adds the offset", "get 1; extend; i64 40; add64; wrap; i64 7; store 3 0; end", "get 1; i64 7; store 3 40; end"},
		{"a load adds it to its own", "get 1; extend; i64 40; add64; wrap; load 3 8; set 2; end", "get 1; load 3 48; set 2; end"},
		{"what is stored is loaded in the same way", "get 1; extend; i64 40; add64; wrap; get 1; extend; i64 8; add64; wrap; load 3 0; store 3 0; end", "get 1; get 1; load 3 8; store 3 40; end"},
		{"what is stored may be computed", "get 1; extend; i64 8; add64; wrap; get 2; i64 1; add64; get 2; extend; add64; store 3 0; end", "get 1; get 2; i64 1; add64; get 2; extend; add64; store 3 8; end"},
		{"an address that is kept stays", "get 1; extend; i64 40; add64; wrap; set 2; end", ""},
		{"an address that is computed with stays", "get 1; extend; i64 40; add64; wrap; i32 1; add32; load 3 0; end", ""},
		{"one that is stored stays", "get 2; get 1; extend; i64 40; add64; wrap; store 3 0; end", ""},
		{"a pointer of which is not known whether it may overflow stays", "get 2; extend; i64 40; add64; wrap; load 3 0; end", ""},
		{"what is before the address stays", "get 1; extend; i64 63; add64; wrap; block; load 3 0; end; end", ""},
		{"a part of the stack is given back with the return address", "nop; " + freed + "i32 0; return; end", "nop; get 1; i32 48; add32; gset 0; i32 0; return; end"},
		{"but not where the function goes on", freed + "i32 1; return; end", ""},
		{"nor in part", "get 1; i32 40; add32; tee 1; gset 0; i32 0; return; end", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			checkRewrite(t, reachStack, test.body, test.want)
		})
	}
}
