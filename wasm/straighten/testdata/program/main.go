// Command program prints what it computes by every way that a function of Go may go: loops of all kinds, switches, goto, panics that are
// recovered, and goroutines that are switched in the midst of all this.
package main

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
)

func main() {
	fmt.Println("primes", primes(200))
	fmt.Println("collatz", collatz(27), collatz(97))
	fmt.Println("pairs", pairs(12, 30))
	fmt.Println("words", words("the quick  brown fox, jumps over; the lazy dog"))
	fmt.Println("search", search([][]int{{1, 2}, {3, 4, 5}, {6}}, 5), search(nil, 5))
	fmt.Println("goto", ladder(9))
	fmt.Println("tangled", tangled(1000, 7), tangled(5, 3))
	for way := range 8 {
		fmt.Println("recovered", recovered(way))
	}
	fmt.Println("again", again(5))
	fmt.Println("deferred", deferred())
	fmt.Println("pipeline", pipeline(100))
	fmt.Println("locked", locked(8, 50))
	fmt.Println("selected", selected(20))
	fmt.Println("deep", deep(20_000))
	fmt.Println("sorted", sorted(300))
	fmt.Println("sequence", slices.Collect(sequence(10)))
	if len(os.Args) > 1 {
		fmt.Println(os.Args[1:])
	}
}

func primes(below int) (found []int) {
next:
	for n := 2; n < below; n++ {
		for _, p := range found {
			if p*p > n {
				break
			}
			if n%p == 0 {
				continue next
			}
		}
		found = append(found, n)
	}
	return found
}

func collatz(n int) (steps int) {
	for n != 1 {
		switch {
		case n%2 == 0:
			n /= 2
		default:
			n = 3*n + 1
		}
		steps++
	}
	return steps
}

func pairs(low, high int) (sum int) {
	for i := low; i < high; i++ {
		for k := i; ; k-- {
			if k == 0 || i%(k+1) == 3 {
				break
			}
			if k%2 == 1 {
				continue
			}
			for l := k; l > 0; l >>= 1 {
				sum += l ^ i
			}
		}
	}
	return sum
}

func words(text string) map[string]int {
	count := map[string]int{}
	for word := range strings.FieldsFuncSeq(text, func(r rune) bool { return r < 'a' || r > 'z' }) {
		count[word]++
	}
	return count
}

func search(rows [][]int, wanted int) (at [2]int) {
	for i, row := range rows {
		for k, n := range row {
			if n == wanted {
				return [2]int{i, k}
			}
		}
	}
	return [2]int{-1, -1}
}

func ladder(n int) (text string) {
	i := 0
up:
	if i++; i%3 == 0 {
		goto skip
	}
	text += fmt.Sprint(i)
skip:
	if i < n {
		goto up
	}
	return text
}

// tangled has, in the midst of a loop, another that is entered in two places.
func tangled(n, m int) (sum int) {
	for i := range n {
		k := i % 9
		if i%m == 1 {
			goto within
		}
	start:
		sum += k
		k++
	within:
		sum ^= i * k
		if k++; k%5 != 2 {
			goto start
		}
	}
	return sum
}

var errOdd = errors.New("odd")

// recovered panics in seven ways, from within a loop.
func recovered(way int) (result string) {
	defer func() {
		if r := recover(); r != nil {
			result += fmt.Sprint(" ", r)
		}
	}()
	for i, list := 0, []int{1, 2, 3}; ; i++ {
		result += fmt.Sprint(i)
		switch {
		case way == 0 && i == 2:
			return result
		case way == 1:
			result += fmt.Sprint(list[i+2])
		case way == 2 && i == 1:
			panic(errOdd)
		case way == 3:
			var nowhere *[2]int
			result += fmt.Sprint(nowhere[i])
		case way == 4:
			result += fmt.Sprint(6 / (2 - i))
		case way == 5:
			result += fmt.Sprint(list[i : 3-i])
		case way == 6:
			result += any(list[i:]).(fmt.Stringer).String()
		case way == 7:
			result += fmt.Sprint(6 >> (1 - i))
		}
	}
}

// again defers in a loop, and panics while it recovers.
func again(n int) (results []any) {
	defer func() { results = append(results, recover()) }()
	for i := range n {
		defer func() {
			results = append(results, recover())
			if i%2 == 1 {
				panic(i)
			}
		}()
	}
	panic("first")
}

func deferred() (order string) {
	for i := range 3 {
		func() {
			defer func() { order += fmt.Sprint("b", i) }()
			order += fmt.Sprint("a", i)
		}()
	}
	return order
}

func pipeline(n int) (sum int) {
	numbers, squares := make(chan int), make(chan int, 3)
	go func() {
		defer close(numbers)
		for i := range n {
			numbers <- i
		}
	}()
	go func() {
		defer close(squares)
		for i := range numbers {
			squares <- i * i
		}
	}()
	for square := range squares {
		sum += square
	}
	return sum
}

func locked(workers, times int) (count int) {
	var mutex sync.Mutex
	var all sync.WaitGroup
	for range workers {
		all.Go(func() {
			for range times {
				mutex.Lock()
				count++
				mutex.Unlock()
			}
		})
	}
	all.Wait()
	return count
}

func selected(n int) (sum int) {
	even, odd, done := make(chan int), make(chan int), make(chan bool)
	go func() {
		for i := range n {
			if i%2 == 0 {
				even <- i
			} else {
				odd <- i
			}
		}
		close(done)
	}()
	for {
		select {
		case i := <-even:
			sum += i
		case i := <-odd:
			sum -= 2 * i
		case <-done:
			return sum
		}
	}
}

// deep needs a larger stack than it is given at first.
func deep(n int) int {
	var room [32]int
	if n == 0 {
		return 0
	}
	room[n%32] = n
	return deep(n-1) + room[n%32] - n + 1
}

func sorted(n int) (text string) {
	var list []*string
	for i := range n {
		text := fmt.Sprint((i * 7919) % n)
		list = append(list, &text)
	}
	slices.SortFunc(list, func(a, b *string) int { return strings.Compare(*a, *b) })
	return *list[0] + *list[n/2] + *list[n-1]
}

func sequence(n int) func(func(int) bool) {
	return func(yield func(int) bool) {
		for i := 0; i < n && yield(i); i += 3 {
		}
	}
}
