using Sparkish.Configuration;

namespace Sparkish.Membership.Nodes;

/// <summary>Finds the provider that <c>spark.membership.provider</c> names.</summary>
internal static class MembershipProviders
{
    private const string Swim = "swim";

    // By name, so that the core does not depend on them.
    private static readonly Dictionary<string, string> ShortNames = new(StringComparer.OrdinalIgnoreCase)
    {
        [Swim] = "Sparkish.Membership.Nodes.SwimMembershipProvider, Sparkish.Core",
        ["akka"] = "Sparkish.Akka.Membership.AkkaMembershipProvider, Sparkish.Akka",
    };

    /// <exception cref="SparkException">The value is not a usable provider; the message gives the reason and advice.</exception>
    public static IMembershipProvider From(SparkConf conf) =>
        conf.Get(MembershipKeys.Provider).Trim().Equals(Swim, StringComparison.OrdinalIgnoreCase)
            ? new SwimMembershipProvider()
            : PluginType.Create<IMembershipProvider>(conf, MembershipKeys.Provider, ShortNames);
}
