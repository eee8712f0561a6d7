using System.Globalization;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.RegularExpressions;

namespace Sparkish.Serialization;

/// <summary>The plans of all types met so far; a type that cannot be sent has a plan that says why.</summary>
internal static class ObjectPlans
{
    private static readonly ConditionalWeakTable<Type, ObjectPlan> Cache = [];

    private static readonly Dictionary<Type, ObjectPlan> Fixed = new ObjectPlan[]
    {
        new BareObjectPlan(),
        new SurrogatePlan<string, string>(text => text, text => text),
        new SurrogatePlan<Uri, string>(uri => uri.OriginalString, text => new Uri(text, UriKind.RelativeOrAbsolute)),
        new SurrogatePlan<Version, string>(version => version.ToString(), Version.Parse),
        new SurrogatePlan<BigInteger, byte[]>(value => value.ToByteArray(), bytes => new BigInteger(bytes)),
        new SurrogatePlan<StringBuilder, string>(builder => builder.ToString(), text => new StringBuilder(text)),
        new SurrogatePlan<Regex, (string Pattern, RegexOptions Options, TimeSpan Timeout)>(
            regex => (regex.ToString(), regex.Options, regex.MatchTimeout),
            state => new Regex(state.Pattern, state.Options, state.Timeout)),
        new SurrogatePlan<CultureInfo, string>(culture => culture.Name, name => CultureInfo.GetCultureInfo(name, predefinedOnly: true)),
        new InstancePlan(StringComparer.Ordinal),
        new InstancePlan(StringComparer.OrdinalIgnoreCase),
    }.ToDictionary(plan => plan.Type);

    private static readonly TypePlan Types = new();

    public static ObjectPlan For(Type type) => Cache.GetValue(type, static type => Make(type));

    /// <summary>The plan by which a struct in a field or an array is written in place; null where a node with a type of its own is written.</summary>
    public static ObjectPlan? InPlace(Type type) => type.IsValueType && Nullable.GetUnderlyingType(type) is null ? For(type) : null;

    // How a type is written if it is admitted; whether it is, each graph asks anew.
    private static ObjectPlan Make(Type type)
    {
        if (Fixed.TryGetValue(type, out var known)) return known;
        if (TypeAttributes.Find<NotSerializableAttribute>(type) is { } refused) return new RefusedPlan(type, refused.Reason);
        if (CodecFactory.CustomTarget(type) is { } target) return New(typeof(CodecPlan<>), target);
        if (type.IsAssignableTo(typeof(Type))) return Types;
        if (type.IsAssignableTo(typeof(Exception))) return new ExceptionPlan(type);
        if (TypeRules.Refusal(type) is { } reason) return new RefusedPlan(type, reason);
        if (type.IsSubclassOf(typeof(Delegate))) return new DelegatePlan(type);
        if (type.IsArray) return ForArray(type, type.GetElementType()!);
        if (TypeRules.IsBlock(type)) return New(typeof(UnmanagedPlan<>), type);
        if (CollectionTypes.PlanFor(type) is { } plan) return plan;
        return type.IsValueType ? New(typeof(StructFieldsPlan<>), type) : new FieldsPlan(type);
    }

    private static ObjectPlan ForArray(Type type, Type element)
    {
        var isBlock = element.IsValueType && !TypeLayout.HasReferences(element) && Nullable.GetUnderlyingType(element) is null;
        if (isBlock && CodecFactory.HoldsPointers(element)) return new RefusedPlan(type, $"{type} holds pointers and cannot be sent");
        if (element.IsPointer || element.IsFunctionPointer) return new RefusedPlan(type, $"{type} holds pointers and cannot be sent");
        return (ObjectPlan)Activator.CreateInstance((isBlock ? typeof(BlockArrayPlan<>) : typeof(ArrayPlan<>)).MakeGenericType(element), type)!;
    }

    private static ObjectPlan New(Type definition, params Type[] arguments) =>
        (ObjectPlan)Activator.CreateInstance(definition.MakeGenericType(arguments))!;
}
