// What the tests of this folder load: a program of each kind that vipr uses, with maps and constants.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

const volatile __u32 verdict = XDP_PASS;
const volatile __u8 counting = 0;
const volatile __u64 mark = 1;

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} counters SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16);
	__type(key, __u32);
	__type(value, __u64);
} entries SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, __u32);
} tables SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 65536);
} events SEC(".maps");

#define DRAFT_BYTES 1024

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u8[DRAFT_BYTES]);
} draft SEC(".maps");

static __always_inline void count(void)
{
	__u32 zero = 0;
	__u64 *counter = bpf_map_lookup_elem(&counters, &zero);

	if (counter && counting)
		*counter += mark;
}

SEC("xdp")
int tiny_xdp(struct xdp_md *context)
{
	count();
	return verdict;
}

SEC("tc")
int tiny_tc(struct __sk_buff *packet)
{
	count();
	return packet->len > 100 ? 2 : 0;
}

struct call {
	__u32 argument;
	__u32 answer;
};

SEC("syscall")
int tiny_syscall(struct call *call)
{
	call->answer = call->argument * 2;
	return 7;
}

struct emission {
	__u32 length;
	__u32 discard;
};

// Writes a record of the first bytes of `draft`, or begins one and thinks better of it. 0 where there was room.
SEC("syscall")
int tiny_emit(struct emission *emission)
{
	__u32 length = emission->length;
	__u32 zero = 0;
	__u8 *bytes = bpf_map_lookup_elem(&draft, &zero);
	void *record;

	if (!bytes || length > DRAFT_BYTES)
		return -1;
	if (!emission->discard)
		return bpf_ringbuf_output(&events, bytes, length, BPF_RB_NO_WAKEUP);
	record = bpf_ringbuf_reserve(&events, 64, 0);
	if (!record)
		return -1;
	bpf_ringbuf_discard(record, BPF_RB_NO_WAKEUP);
	return 0;
}

#define HOLD_ENTRY 1
#define HOLD_NANOSECONDS 5000000000ULL

struct hold {
	__u64 until;
	__u64 released;
};

static long await_release(__u32 round, struct hold *hold)
{
	__u32 key = HOLD_ENTRY;
	__u64 *entry = bpf_map_lookup_elem(&entries, &key);

	hold->released = !entry;
	return hold->released || bpf_ktime_get_ns() > hold->until;
}

// Begins a record and finishes it when the entry is gone that it makes. 1 where that took too long.
SEC("syscall")
int tiny_hold(struct call *call)
{
	struct hold hold = { .until = bpf_ktime_get_ns() + HOLD_NANOSECONDS };
	__u64 one = 1;
	__u32 key = HOLD_ENTRY;
	__u32 *record = bpf_ringbuf_reserve(&events, sizeof(*record), 0);

	if (!record)
		return -1;
	*record = call->argument;
	bpf_map_update_elem(&entries, &key, &one, BPF_ANY);
	bpf_loop(1 << 23, await_release, &hold, 0);
	bpf_ringbuf_submit(record, BPF_RB_NO_WAKEUP);
	return !hold.released;
}

struct bpf_iter_meta;
struct bpf_map;

struct bpf_iter__bpf_map_elem {
	struct bpf_iter_meta *meta;
	struct bpf_map *map;
	void *key;
	void *value;
} __attribute__((preserve_access_index));

struct seq_file;

struct bpf_iter_meta {
	struct seq_file *seq;
	__u64 session_id;
	__u64 seq_num;
} __attribute__((preserve_access_index));

SEC("iter/bpf_map_elem")
int tiny_iterator(struct bpf_iter__bpf_map_elem *context)
{
	__u32 *key = context->key;

	if (key)
		bpf_seq_write(context->meta->seq, key, sizeof(*key));
	return 0;
}

SEC("?xdp")
int tiny_refused(struct xdp_md *context)
{
	// Reads a packet without having looked where it ends.
	return *(__u8 *)(long)context->data;
}

char _license[] SEC("license") = "GPL";
