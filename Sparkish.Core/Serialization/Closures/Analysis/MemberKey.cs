using System.Reflection;

namespace Sparkish.Serialization.Closures.Analysis;

/// <summary>Identifies a field or method of a module, equally for all constructions of a generic type.</summary>
internal readonly record struct MemberKey(Module Module, int Token)
{
    public static MemberKey Of(MemberInfo member) => new(member.Module, member.MetadataToken);
}
