using System.Reflection;
using Sparkish.Diagnostics;
using Sparkish.Serialization.Types;

namespace Sparkish.Serialization.Rows;

/// <summary>Creates the serializer of rows that <c>spark.serializer</c> names.</summary>
internal static class SerializerFactory
{
    private const string SparkPrefix = "org.apache.spark.";

    /// <summary>Creates the serializer; an empty setting is Sparkish's own.</summary>
    /// <param name="conf">Names it, and is passed to its constructor.</param>
    /// <param name="types">Finds its type: on an executor, the application's.</param>
    /// <exception cref="SparkException">The type does not exist, is not a serializer, or cannot be created.</exception>
    public static Serializer Create(SparkConf conf, TypeBinder types)
    {
        var key = SerializationKeys.Serializer.Key;
        var name = conf.Get(SerializationKeys.Serializer).Trim();
        if (name.Length == 0) return Serializer.Default;
        if (name.StartsWith(SparkPrefix, StringComparison.Ordinal))
            throw new SparkException($"{key} is '{name}', a class of Apache Spark, which does not run on .NET: leave the key empty to use Sparkish's own serializer.");
        var comma = name.IndexOf(',', StringComparison.Ordinal);
        if (comma <= 0 || comma == name.Length - 1)
            throw new SparkException($"{key} is '{name}' but must name a type and its assembly: give it as 'Namespace.Type, Assembly'.");
        var type = types.TryFindType(name[(comma + 1)..].Trim(), name[..comma].Trim(), out var error)
            ?? throw new SparkException($"{key} is '{name}', which cannot be found: {error}");
        if (type.IsAbstract || !type.IsSubclassOf(typeof(Serializer)))
            throw new SparkException($"{key} is '{name}', but {type} does not derive from {typeof(Serializer)}: name a class that does.");
        return new GuardedSerializer(Make(type, conf, key), type);
    }

    private static Serializer Make(Type type, SparkConf conf, string key)
    {
        var (constructor, arguments) = type.GetConstructor([typeof(SparkConf)]) is { } withConf
            ? (withConf, new object[] { conf })
            : (type.GetConstructor(Type.EmptyTypes) ?? throw new SparkException(
                $"{key} names {type}, which has no public constructor without parameters or with a SparkConf: give it one."), []);
        try
        {
            return (Serializer)constructor.Invoke(arguments);
        }
        catch (TargetInvocationException e)
        {
            throw new SparkException($"{key} names {type}, which could not be created: {e.InnerException!.Message}", e.InnerException);
        }
    }
}

/// <summary>A user's serializer: exceptions of its codecs become errors that name it and the type of the rows.</summary>
internal sealed class GuardedSerializer(Serializer serializer, Type type) : Serializer
{
    public override Codec<T> CodecFor<T>()
    {
        try
        {
            return new GuardedCodec<T>(serializer.CodecFor<T>() ?? throw new InvalidOperationException("it returned no codec"), type);
        }
        catch (Exception e)
        {
            throw GuardedCodec<T>.Failed(type, "cannot create a codec for", e);
        }
    }
}

/// <summary>A codec of a user's serializer.</summary>
internal sealed class GuardedCodec<T>(Codec<T> codec, Type serializer) : Codec<T>
{
    public override string Schema => codec.Schema;

    public override void Write(ByteWriter writer, in T value)
    {
        try
        {
            codec.Write(writer, value);
        }
        catch (Exception e)
        {
            throw Failed(serializer, "cannot write", e);
        }
    }

    public override T Read(ref ByteReader reader)
    {
        try
        {
            return codec.Read(ref reader);
        }
        catch (Exception e)
        {
            throw Failed(serializer, "cannot read", e);
        }
    }

    public override void WriteAll(ByteWriter writer, ReadOnlySpan<T> values)
    {
        try
        {
            codec.WriteAll(writer, values);
        }
        catch (Exception e)
        {
            throw Failed(serializer, "cannot write", e);
        }
    }

    public override void ReadAll(ref ByteReader reader, Span<T> destination)
    {
        try
        {
            codec.ReadAll(ref reader, destination);
        }
        catch (Exception e)
        {
            throw Failed(serializer, "cannot read", e);
        }
    }

    internal static SerializationException Failed(Type serializer, string what, Exception cause) =>
        new($"The serializer {serializer} of {SerializationKeys.Serializer.Key} {what} a {typeof(T)}: {ExceptionText.MessageOf(cause)}", cause);
}
