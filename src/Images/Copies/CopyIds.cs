namespace Rundlet.Images.Copies;

/// <summary>The owner of what is copied: from the ids of where it lies to those of where it goes.</summary>
/// <param name="User">Of a user id; throws where it has none there.</param>
/// <param name="Group">The same of a group id.</param>
public sealed record CopyIds(Func<uint, uint> User, Func<uint, uint> Group)
{
    /// <summary>As they are.</summary>
    public static CopyIds Same { get; } = new(id => id, id => id);

    /// <summary>All belongs to one.</summary>
    public static CopyIds Always(uint user, uint group) => new(_ => user, _ => group);

    /// <summary>First these, then others.</summary>
    public CopyIds Then(CopyIds next) => new(id => next.User(User(id)), id => next.Group(Group(id)));
}
