namespace Sparkish.Membership;

/// <summary>The status of a node in a group. For one incarnation a later value overrides an earlier one, regardless of the order of arrival.</summary>
public enum MemberStatus : byte
{
    /// <summary>The node replies.</summary>
    Up = 0,

    /// <summary>A node missed its replies; it has some seconds to refute the suspicion.</summary>
    Suspected = 1,

    /// <summary>The node has not answered its probes in time.</summary>
    Down = 2,

    /// <summary>The node announced its departure.</summary>
    Left = 3,
}
