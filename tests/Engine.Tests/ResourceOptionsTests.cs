using System.Reflection;
using Rundlet.Engine.Options;

namespace Rundlet.Engine.Tests;

public sealed class ResourceOptionsTests
{
    // A limit that somebody adds and forgets there would be lost by every 'update' of another one.
    [Fact]
    public void Limits_over_others_take_every_member_into_account()
    {
        foreach (PropertyInfo member in typeof(ResourceOptions).GetProperties().Where(member => member.CanWrite && Sample(member.PropertyType) is not null))
        {
            ResourceOptions set = new(), none = new();
            member.SetValue(set, Sample(member.PropertyType));
            Assert.Equal(member.GetValue(set), member.GetValue(set.Over(none)));
            Assert.Equal(member.GetValue(set), member.GetValue(none.Over(set)));
        }
    }

    [Fact]
    public void One_way_to_limit_cpu_time_takes_the_place_of_the_other()
    {
        Assert.Equal(new ResourceOptions { NanoCpus = 2 }, new ResourceOptions { NanoCpus = 2 }.Over(new ResourceOptions { CpuPeriod = 5, CpuQuota = 6 }));
        Assert.Equal(new ResourceOptions { CpuQuota = 6 }, new ResourceOptions { CpuQuota = 6 }.Over(new ResourceOptions { NanoCpus = 2 }));
    }

    private static object? Sample(Type type) => Nullable.GetUnderlyingType(type) is { } number ? Convert.ChangeType(7, number) : type == typeof(string) ? "7" : type == typeof(bool) ? true : type == typeof(IReadOnlyList<DeviceRateOption>) ? (DeviceRateOption[])[] : null;
}
