using Rundlet.Linux.Resctrl;
using Rundlet.Oci;

namespace Rundlet.Runcs.Commands;

/// <summary>The <c>intel_rdt</c> part of <c>events</c>: runc's members in runc's order.</summary>
internal static class RdtJson
{
    /// <summary>Writes the members of the open object.</summary>
    public static void Write(JsonWriter json, ResctrlStats share)
    {
        if (share.Cache is { } cache)
        {
            json.WriteStartObject("l3_cache_info"u8);
            UnlessEmpty(json, "cbm_mask"u8, cache.Mask);
            Unless0(json, "min_cbm_bits"u8, cache.MinBits);
            Unless0(json, "num_closids"u8, cache.Groups);
            json.WriteEndObject();
            UnlessEmpty(json, "l3_cache_schema_root"u8, cache.Default);
            UnlessEmpty(json, "l3_cache_schema"u8, cache.Own);
        }
        if (share.Bandwidth is { } bandwidth)
        {
            json.WriteStartObject("mem_bw_info"u8);
            Unless0(json, "bandwidth_gran"u8, bandwidth.Step);
            Unless0(json, "delay_linear"u8, bandwidth.Linear);
            Unless0(json, "min_bandwidth"u8, bandwidth.Min);
            Unless0(json, "num_closids"u8, bandwidth.Groups);
            json.WriteEndObject();
            UnlessEmpty(json, "mem_bw_schema_root"u8, bandwidth.Default);
            UnlessEmpty(json, "mem_bw_schema"u8, bandwidth.Own);
        }
        if (share.MeasuresTraffic)
        {
            json.WriteStartArray("mbm_stats"u8);
            foreach (CacheUse use in share.Caches)
            {
                json.WriteStartObject();
                json.WriteNumber("mbm_total_bytes"u8, use.Traffic);
                json.WriteNumber("mbm_local_bytes"u8, use.LocalTraffic);
                json.WriteEndObject();
            }
            json.WriteEndArray();
        }
        if (share.MeasuresOccupancy)
        {
            json.WriteStartArray("cmt_stats"u8);
            foreach (CacheUse use in share.Caches)
            {
                json.WriteStartObject();
                json.WriteNumber("llc_occupancy"u8, use.Occupancy);
                json.WriteEndObject();
            }
            json.WriteEndArray();
        }
    }

    private static void Unless0(JsonWriter json, ReadOnlySpan<byte> name, ulong value)
    {
        if (value != 0)
            json.WriteNumber(name, value);
    }

    private static void UnlessEmpty(JsonWriter json, ReadOnlySpan<byte> name, string value)
    {
        if (value.Length > 0)
            json.WriteString(name, value);
    }
}
