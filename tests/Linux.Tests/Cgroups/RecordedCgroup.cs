namespace Rundlet.Linux.Tests.Cgroups;

/// <summary>
/// The files of one container as kernels wrote them: 6.18 with v1 controllers, 6.1 with v2 alone. Limits of 64 MiB, half a processor and 50
/// tasks; it was throttled, and a process of it was killed for want of memory.
/// </summary>
internal static class RecordedCgroup
{
    private const string PressureOfCpu = "some avg10=1.25 avg60=0.31 avg300=0.06 total=50253\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=50173\n";
    private const string PressureOfMemory = "some avg10=0.00 avg60=0.00 avg300=0.00 total=2500000\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=1200000\n";
    private const string PressureOfIo = "some avg10=0.00 avg60=0.00 avg300=0.00 total=731\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=700\n";

    /// <summary>v1: figures by CPU and limits of swap are in files of their own, which <c>Usage</c> leaves alone.</summary>
    public static FakeCgroup V1() => new(false, ["cpu", "cpuacct", "memory", "blkio", "pids"],
        "cpuacct.usage=2777820123\n", "cpuacct.stat=user 201\nsystem 75\n", "cpuacct.usage_percpu=1777820123 1000000000 \n",
        "cpu.stat=nr_periods 210\nnr_throttled 40\nthrottled_time 1900000000\nnr_bursts 0\nburst_time 0\n",
        "memory.usage_in_bytes=20971520\n", "memory.limit_in_bytes=67108864\n", "memory.max_usage_in_bytes=67108864\n", "memory.failcnt=17\n",
        "memory.memsw.usage_in_bytes=21000000\n", "memory.memsw.limit_in_bytes=134217728\n",
        "memory.kmem.usage_in_bytes=176128\n", "memory.oom_control=oom_kill_disable 0\nunder_oom 0\noom_kill 1\n",
        "memory.stat=cache 0\nrss 106496\nswap 0\npgfault 55\ninactive_file 0\nactive_file 0\nhierarchical_memory_limit 67108864\ntotal_cache 8388608\ntotal_rss 12406784\n"
            + "total_shmem 0\ntotal_mapped_file 0\ntotal_swap 4096\ntotal_pgpgin 27\ntotal_pgpgout 1\ntotal_pgfault 5500\ntotal_pgmajfault 3\ntotal_inactive_anon 77824\n"
            + "total_active_anon 4096\ntotal_inactive_file 4194304\ntotal_active_file 4194304\ntotal_unevictable 0\n",
        "blkio.throttle.io_service_bytes_recursive=253:0 Read 8192\n253:0 Write 4096\n253:0 Sync 12288\n253:0 Async 0\n253:0 Discard 0\n253:0 Total 12288\nTotal 12288\n",
        "blkio.throttle.io_serviced_recursive=253:0 Read 2\n253:0 Write 1\n253:0 Sync 3\n253:0 Async 0\n253:0 Discard 0\n253:0 Total 3\nTotal 3\n",
        "pids.current=2\n", "pids.max=50\n");

    /// <summary>v2.</summary>
    public static FakeCgroup V2() => new(true, ["cpu", "memory", "io", "pids"],
        "cpu.stat=usage_usec 2777820\nuser_usec 2010000\nsystem_usec 767820\nnr_periods 210\nnr_throttled 40\nthrottled_usec 1900000\nnr_bursts 0\nburst_usec 0\n",
        "memory.current=20971520\n", "memory.max=67108864\n", "memory.peak=67108864\n", "memory.swap.current=4096\n", "memory.swap.max=67108864\n",
        "memory.events=low 0\nhigh 0\nmax 17\noom 1\noom_kill 1\noom_group_kill 0\n", "memory.swap.events=high 0\nmax 0\nfail 0\n",
        "memory.stat=anon 12406784\nfile 8388608\nkernel 176128\nkernel_stack 32768\npagetables 40960\nsec_pagetables 0\npercpu 576\nsock 0\nvmalloc 0\nshmem 0\nzswap 0\n"
            + "file_mapped 0\nfile_dirty 0\nfile_writeback 0\nswapcached 0\ninactive_anon 77824\nactive_anon 4096\ninactive_file 4194304\nactive_file 4194304\nunevictable 0\n"
            + "slab_reclaimable 20480\nslab_unreclaimable 61440\nslab 81920\npgfault 5500\npgmajfault 3\n",
        "io.stat=254:0 rbytes=8192 wbytes=4096 rios=2 wios=1 dbytes=0 dios=0\n",
        "pids.current=2\n", "pids.max=50\n",
        $"cpu.pressure={PressureOfCpu}", $"memory.pressure={PressureOfMemory}", $"io.pressure={PressureOfIo}");
}
