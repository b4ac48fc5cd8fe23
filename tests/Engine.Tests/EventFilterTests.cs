using Rundlet.Engine.Events;
using Rundlet.Linux;
using Rundlet.Runtime.Supervision;

namespace Rundlet.Engine.Tests;

public sealed class EventFilterTests
{
    private static readonly EventMessage s_die = Message("container", "die", "c0ffee", ("name", "web"), ("image", "team/web:2"), ("exitCode", "7"), ("tier", "front"));

    [Theory]
    [InlineData(true)]
    [InlineData(true, "container=web")]
    [InlineData(true, "container=c0f")]
    [InlineData(false, "container=we")] // docker takes the beginning of a name too, and so every 'web2' for a 'web'
    [InlineData(false, "container=other")]
    [InlineData(true, "container=other", "container=web")]
    [InlineData(true, "image=team/web:2")]
    [InlineData(true, "image=team/web")]
    [InlineData(false, "image=team/web:1")]
    [InlineData(true, "type=container", "event=die")]
    [InlineData(false, "type=image")]
    [InlineData(false, "event=start", "type=container")]
    [InlineData(false, "event!=die")]
    [InlineData(true, "event!=start", "event!=stop")]
    [InlineData(true, "label=tier")]
    [InlineData(true, "label=tier=front")]
    [InlineData(false, "label=tier=front", "label=other")]
    [InlineData(false, "label!=tier")]
    [InlineData(true, "scope=local")]
    [InlineData(false, "volume=web")]
    public void An_event_of_a_container_is_filtered(bool expected, params string[] filters) => Assert.Equal(expected, EventFilter.Parse(filters).Matches(s_die));

    [Fact]
    public void An_action_with_a_command_is_known_by_its_first_word()
    {
        EventMessage exec = Message("container", "exec_create: die", "c0ffee");
        Assert.True(EventFilter.Parse(["event=exec_create"]).Matches(exec));
        Assert.True(EventFilter.Parse(["event=exec_create: die"]).Matches(exec));
        Assert.False(EventFilter.Parse(["event=exec"]).Matches(exec));
        Assert.False(EventFilter.Parse(["event=die"]).Matches(exec));
    }

    [Fact]
    public void An_event_of_a_network_or_an_image_is_filtered()
    {
        EventMessage connect = Message("network", "connect", "bridge", ("container", "c0ffee"), ("name", "bridge"));
        Assert.True(EventFilter.Parse(["network=bridge"]).Matches(connect));
        Assert.True(EventFilter.Parse(["container=c0ff"]).Matches(connect));
        Assert.False(EventFilter.Parse(["container=bridge"]).Matches(connect));
        EventMessage tag = Message("image", "tag", "sha256:123", ("name", "web:1"));
        Assert.True(EventFilter.Parse(["image=web"]).Matches(tag));
        Assert.True(EventFilter.Parse(["image=sha256:123"]).Matches(tag));
        Assert.False(EventFilter.Parse(["image=12"]).Matches(tag));
    }

    [Theory]
    [InlineData("contaner=web", "did you mean 'container'?")]
    [InlineData("web", "KEY=VALUE")]
    public void What_is_no_filter_is_refused_with_a_hint(string filter, string hint) =>
        Assert.Contains(hint, Assert.Throws<ContainerException>(() => EventFilter.Parse([filter])).Hint);

    private static EventMessage Message(string type, string action, string actor, params (string Key, string Value)[] attributes) =>
        new() { Type = type, Action = action, ActorId = actor, Attributes = attributes.ToDictionary(pair => pair.Key, pair => pair.Value), TimeNano = 1 };
}
