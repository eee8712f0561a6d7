using System.Globalization;
using System.Reflection;
using Sparkish.Serialization.Types;

namespace Sparkish.Serialization.Graphs.Collections;

/// <summary>The framework's comparers: the shared instances, those of cultures, and those created from functions.</summary>
internal static class ComparerPlans
{
    private const BindingFlags Declared = BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public | BindingFlags.DeclaredOnly;

    private static readonly Dictionary<Type, ObjectPlan> Fixed = new ObjectPlan[]
    {
        new CultureComparerPlan(),
        new InstancePlan(ReferenceEqualityComparer.Instance),
    }.ToDictionary(plan => plan.Type);

    /// <summary>The plan of a comparer's type; null for a type that is not the framework's.</summary>
    public static ObjectPlan? For(Type type)
    {
        if (Fixed.TryGetValue(type, out var plan)) return plan;
        if (Definition(type) is { } definition) return (ObjectPlan)Activator.CreateInstance(definition.MakeGenericType(type.GenericTypeArguments), type)!;
        return FrameworkComparers.DefaultOf(type) is { } instance ? new InstancePlan(instance) : null;
    }

    /// <summary>Finds the field of an object by its type; the framework's names for it may change.</summary>
    public static T FieldOf<T>(object comparer) where T : class =>
        (T)Array.Find(comparer.GetType().GetFields(Declared), field => field.FieldType == typeof(T))!.GetValue(comparer)!;

    private static Type? Definition(Type type)
    {
        if (!type.IsConstructedGenericType) return null;
        var definition = type.GetGenericTypeDefinition();
        return definition == FrameworkComparers.ByComparison ? typeof(ComparisonPlan<>)
            : definition == FrameworkComparers.ByFunctions ? typeof(EqualityFunctionsPlan<>) : null;
    }
}

/// <summary>Comparers of strings by the rules of a culture.</summary>
internal sealed class CultureComparerPlan() : ObjectPlan(FrameworkComparers.OfCultures)
{
    public override bool IsLate => true;

    public override void Write(ObjectWriter writer, object value)
    {
        if (!StringComparer.IsWellKnownCultureAwareComparer((IEqualityComparer<string?>)value, out var compareInfo, out var options))
        {
            throw writer.Refuse($"{Type} cannot be sent");
        }

        writer.Output.WriteString(CultureText.NameOf(compareInfo.Name));
        writer.Output.WriteCount((int)options);
    }

    public override object Read(ObjectReader reader, ref ByteReader input, int id)
    {
        var name = CultureText.NameIn(input.ReadString() ?? throw new SerializationException("The input holds a comparer without a culture."));
        var options = (CompareOptions)input.ReadCount(minBytesEach: 0);
        try
        {
            return StringComparer.Create(CultureInfo.GetCultureInfo(name), options);
        }
        catch (ArgumentException e)
        {
            throw new SerializationException($"There is no comparer of the culture '{name}' with {options} here: {e.Message}", e);
        }
    }
}

/// <summary>The result of <see cref="Comparer{T}.Create"/>.</summary>
internal sealed class ComparisonPlan<T>(Type type) : ObjectPlan(type)
{
    public override bool IsLate => true;

    public override void Write(ObjectWriter writer, object value) => writer.Write(ComparerPlans.FieldOf<Comparison<T>>(value));

    public override object Read(ObjectReader reader, ref ByteReader input, int id)
    {
        Comparers.RequireOwn(reader, Type);
        return reader.Read(ref input) is Comparison<T> comparison
            ? Comparer<T>.Create(comparison)
            : throw new SerializationException($"The input holds a {Type} without a function.");
    }
}

/// <summary>The result of <see cref="EqualityComparer{T}.Create(Func{T, T, bool}, Func{T, int})"/>.</summary>
internal sealed class EqualityFunctionsPlan<T>(Type type) : ObjectPlan(type)
{
    public override bool IsLate => true;

    public override void Write(ObjectWriter writer, object value)
    {
        writer.Write(ComparerPlans.FieldOf<Func<T?, T?, bool>>(value));
        writer.Write(ComparerPlans.FieldOf<Func<T, int>>(value));
    }

    public override object Read(ObjectReader reader, ref ByteReader input, int id)
    {
        Comparers.RequireOwn(reader, Type);
        var equals = reader.Read(ref input);
        var hash = reader.Read(ref input);
        return equals is Func<T?, T?, bool> function && hash is Func<T, int> code
            ? EqualityComparer<T>.Create(function, code)
            : throw new SerializationException($"The input holds a {Type} without its functions.");
    }
}
