using System.Reflection;
using System.Runtime.CompilerServices;

namespace Sparkish.Serialization.Closures.Analysis;

/// <summary>A field of an object that a function captures, those of base classes included.</summary>
internal sealed record CapturedField(FieldInfo Info, MemberKey Key)
{
    private const BindingFlags Declared = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    private static readonly ConditionalWeakTable<Type, CapturedField[]> Known = [];

    /// <summary>Whether its values may be functions or contain some.</summary>
    public bool MayLeadOn { get; } = FunctionHolders.MayLeadOn(Info.FieldType);

    /// <summary>Whether it refers to the object around the function.</summary>
    public bool IsOuterThis { get; } = CompilerTypes.IsOuterThis(Info);

    /// <summary>Whether it refers to the variables of the next outer scope.</summary>
    public bool IsOuterScope { get; } = CompilerTypes.IsOuterScope(Info);

    /// <summary>The fields of a class and its bases, without the compiler's caches.</summary>
    public static CapturedField[] Of(Type type) => Known.GetValue(type, static type => Find(type));

    private static CapturedField[] Find(Type type)
    {
        var fields = new List<CapturedField>();
        for (var part = type; part is not null && part != typeof(object); part = part.BaseType)
            fields.AddRange(part.GetFields(Declared).Where(field => !CompilerTypes.IsCache(field))
                .Select(field => new CapturedField(field, MemberKey.Of(field))));
        return [.. fields];
    }
}
