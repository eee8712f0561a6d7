namespace Sparkish.Membership;

/// <summary>What a group thinks of a node. For one incarnation a later value overrides an earlier one, whichever is heard first.</summary>
public enum MemberStatus : byte
{
    /// <summary>It answers.</summary>
    Up = 0,

    /// <summary>Somebody missed its answers; it has some seconds to speak for itself.</summary>
    Suspected = 1,

    /// <summary>It has not answered its probes in time.</summary>
    Down = 2,

    /// <summary>It said good-bye.</summary>
    Left = 3,
}
