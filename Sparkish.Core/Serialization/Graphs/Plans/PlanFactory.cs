using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Sparkish.Serialization.Graphs.Collections;
using Sparkish.Serialization.Graphs.Fields;
using Sparkish.Serialization.Types;

namespace Sparkish.Serialization.Graphs.Plans;

/// <summary>Chooses the plan of a type; a type that cannot be sent has a plan with the reason.</summary>
internal sealed class PlanFactory : PlanSource
{
    private static readonly Dictionary<Type, ObjectPlan> Fixed = new ObjectPlan[]
    {
        new BareObjectPlan(),
        new SurrogatePlan<string, string>(new FrameworkSurrogate<string, string>(static text => text, static text => text)),
        new InstancePlan(StringComparer.Ordinal),
        new InstancePlan(StringComparer.OrdinalIgnoreCase),
    }.ToDictionary(plan => plan.Type);

    private static readonly TypePlan Types = new();

    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255:The ModuleInitializer attribute should not be used in libraries", Justification = "Nothing runs but one assignment.")]
    internal static void Install() => Use(new PlanFactory());

    // The plan of a type if it is admitted; each graph checks that again.
    public override ObjectPlan Make(Type type)
    {
        if (Fixed.TryGetValue(type, out var known)) return known;
        if (FrameworkSurrogates.OfObject(type) is { } surrogate)
            return (ObjectPlan)Activator.CreateInstance(typeof(SurrogatePlan<,>).MakeGenericType(surrogate.GetType().GenericTypeArguments), surrogate)!;
        if (InheritedAttributes.Find<NotSerializableAttribute>(type) is { } refused) return new RefusedPlan(type, refused.Reason);
        if (CustomCodecs.TargetOf(type) is { } target) return New(typeof(CodecPlan<>), target);
        if (type.IsAssignableTo(typeof(Type))) return Types;
        if (type.IsAssignableTo(typeof(Exception))) return new ExceptionPlan(type);
        if (FrameworkAssemblies.Contains(type.Assembly) && CollectionPlans.PlanFor(type) is { } common) return common;
        if (FunctionalPlans.For(type) is { } functional) return functional;
        if (TypeRules.Refusal(type) is { } reason) return new RefusedPlan(type, reason);
        if (RebuiltState.Refusal(type) is { } lost) return new RefusedPlan(type, lost);
        if (type.IsSubclassOf(typeof(Delegate))) return new DelegatePlan(type);
        if (type.IsArray) return ForArray(type, type.GetElementType()!);
        if (TypeRules.IsBlock(type)) return New(typeof(UnmanagedPlan<>), type);
        if (CollectionPlans.PlanFor(type) is { } derived) return derived;
        return type.IsValueType ? New(typeof(StructFieldsPlan<>), type) : new FieldsPlan(type);
    }

    private static ObjectPlan ForArray(Type type, Type element)
    {
        var isBlock = element.IsValueType && !TypeLayout.HasReferences(element) && Nullable.GetUnderlyingType(element) is null;
        if (isBlock && TypeLayout.HoldsPointers(element)) return new RefusedPlan(type, $"{type} holds pointers and cannot be sent");
        if (element.IsPointer || element.IsFunctionPointer) return new RefusedPlan(type, $"{type} holds pointers and cannot be sent");
        return (ObjectPlan)Activator.CreateInstance((isBlock ? typeof(BlockArrayPlan<>) : typeof(ArrayPlan<>)).MakeGenericType(element), type)!;
    }

    private static ObjectPlan New(Type definition, params Type[] arguments) =>
        (ObjectPlan)Activator.CreateInstance(definition.MakeGenericType(arguments))!;
}
