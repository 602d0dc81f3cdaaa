// SPDX-License-Identifier: Apache-2.0

// As src/client/player.ts, for nats.go: go run . URL WORK SIZE SUBJECT
package main

import (
	"bufio"
	"bytes"
	"fmt"
	"log"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/nats-io/nats.go"
)

const (
	timeout = 10 * time.Second
	ways    = 500
)

func main() {
	work, subject := os.Args[2], os.Args[4]
	size, err := strconv.Atoi(os.Args[3])
	done(err)
	payload := bytes.Repeat([]byte("x"), size)
	nc, err := nats.Connect(os.Args[1])
	done(err)
	var came, wanted atomic.Int64
	all := make(chan struct{}, 1)
	heard := func(*nats.Msg) {
		if came.Add(1) == wanted.Load() {
			all <- struct{}{}
		}
	}
	var sub *nats.Subscription
	switch work {
	case "callback":
		sub, err = nc.Subscribe(subject, heard)
		done(err)
	case "iterator":
		sub, err = nc.SubscribeSync(subject)
		done(err)
	}
	if sub != nil {
		done(sub.SetPendingLimits(-1, -1))
	}
	done(nc.Flush())
	fmt.Println("ready")
	for in := bufio.NewScanner(os.Stdin); in.Scan(); {
		messages, err := strconv.Atoi(in.Text())
		done(err)
		before := cpu()
		switch work {
		case "publish":
			for range messages {
				done(nc.Publish(subject, payload))
			}
			done(nc.Flush())
		case "callback":
			wanted.Store(int64(messages))
			if came.Load() < int64(messages) {
				<-all
			}
			came.Store(0)
			wanted.Store(0)
		case "iterator":
			for range messages {
				_, err := sub.NextMsg(timeout)
				done(err)
			}
		case "serial":
			request(nc, subject, payload, messages)
		case "many":
			var all sync.WaitGroup
			for range ways {
				all.Add(1)
				go func() {
					request(nc, subject, payload, messages/ways)
					all.Done()
				}()
			}
			all.Wait()
		}
		fmt.Println(cpu() - before)
	}
}

func request(nc *nats.Conn, subject string, payload []byte, messages int) {
	for range messages {
		_, err := nc.Request(subject, payload, timeout)
		done(err)
	}
}

func cpu() int64 {
	var used syscall.Rusage
	done(syscall.Getrusage(syscall.RUSAGE_SELF, &used))
	return used.Utime.Nano() + used.Stime.Nano()
}

func done(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
