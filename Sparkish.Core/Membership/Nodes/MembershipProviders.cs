using Sparkish.Configuration;

namespace Sparkish.Membership.Nodes;

/// <summary>Finds the provider that <c>spark.membership.provider</c> names.</summary>
internal static class MembershipProviders
{
    private const string Swim = "swim";

    /// <exception cref="SparkException">The value is not a usable provider; the message gives the reason and advice.</exception>
    public static IMembershipProvider From(SparkConf conf)
    {
        var value = conf.Get(MembershipKeys.Provider).Trim();
        return value.Equals(Swim, StringComparison.OrdinalIgnoreCase)
            ? new SwimMembershipProvider()
            : PluginType.Create<IMembershipProvider>(MembershipKeys.Provider.Key, value, Swim);
    }
}
