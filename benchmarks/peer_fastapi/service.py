"""The blog service that blogsite replaces, as the peer of the benchmark: the same stack, the same contract.

FastAPI with Pydantic, SQLAlchemy's asyncio session over asyncpg, JWTs by python-jose, bcrypt by passlib; uvicorn
runs it. It is as it was, with its default pool and no index but those of keys; PEER_POOL_SIZE is for the run at its
best.
"""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, HTTPException
from fastapi.middleware.cors import CORSMiddleware
from fastapi.security import OAuth2PasswordBearer, OAuth2PasswordRequestForm
from jose import JWTError, jwt
from passlib.context import CryptContext
from pydantic import BaseModel, ConfigDict, Field, PostgresDsn
from pydantic_settings import BaseSettings
from sqlalchemy import DateTime, ForeignKey, String, func, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


class Settings(BaseSettings):
    database_url: PostgresDsn
    secret_key: str
    algorithm: str = "HS256"
    access_token_minutes: int = 30
    origins: list[str] = ["http://localhost:3000"]
    peer_pool_size: int = 5  # SQLAlchemy's own default


settings = Settings()
engine = create_async_engine(str(settings.database_url), pool_size=settings.peer_pool_size)
open_session = async_sessionmaker(engine, expire_on_commit=False)
passwords = CryptContext(schemes=["bcrypt"], deprecated="auto")


async def session() -> AsyncIterator[AsyncSession]:
    async with open_session() as opened:
        yield opened


Database = Annotated[AsyncSession, Depends(session)]


# Tables


class Base(DeclarativeBase):
    pass


class Timed:
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(
        DateTime(timezone=True), server_default=func.now(), onupdate=func.now()
    )


class User(Timed, Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(255), unique=True)
    username: Mapped[str] = mapped_column(String(50), unique=True)
    hashed_password: Mapped[str] = mapped_column(String(255))
    articles: Mapped[list["Article"]] = relationship(back_populates="author", cascade="all, delete-orphan")


class Article(Timed, Base):
    __tablename__ = "articles"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(200))
    content: Mapped[str]
    published: Mapped[bool] = mapped_column(default=False)
    author_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    author: Mapped[User] = relationship(back_populates="articles")


async def create_tables() -> None:
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)


# What comes in and goes out


class ArticleIn(BaseModel):
    title: str = Field(min_length=1, max_length=200)
    content: str = Field(min_length=10)
    published: bool = False


class ArticleChange(BaseModel):
    title: str | None = Field(None, min_length=1, max_length=200)
    content: str | None = Field(None, min_length=10)
    published: bool | None = None


class ArticleOut(ArticleIn):
    model_config = ConfigDict(from_attributes=True)

    id: int
    author_id: int
    created_at: datetime
    updated_at: datetime


# Who asks

bearer = OAuth2PasswordBearer(tokenUrl="auth/login")


async def signed_in(token: Annotated[str, Depends(bearer)], database: Database) -> User:
    refused = HTTPException(401, "Could not validate credentials", {"WWW-Authenticate": "Bearer"})
    try:
        claims = jwt.decode(token, settings.secret_key, algorithms=[settings.algorithm])
        found = await database.get(User, int(claims["sub"]))
    except (JWTError, KeyError, ValueError) as error:
        raise refused from error
    if found is None:
        raise refused
    return found


Account = Annotated[User, Depends(signed_in)]

auth = APIRouter(prefix="/auth", tags=["auth"])


@auth.post("/login")
async def login(form: Annotated[OAuth2PasswordRequestForm, Depends()], database: Database) -> dict[str, str]:
    user = await database.scalar(select(User).where(User.username == form.username))
    # in the event loop, as it was: meanwhile this worker answers nobody else
    if user is None or not passwords.verify(form.password, user.hashed_password):
        raise HTTPException(401, "Incorrect username or password", {"WWW-Authenticate": "Bearer"})
    claims = {"sub": str(user.id), "exp": datetime.now(UTC) + timedelta(minutes=settings.access_token_minutes)}
    return {"access_token": jwt.encode(claims, settings.secret_key, settings.algorithm), "token_type": "bearer"}


# Articles

articles = APIRouter(prefix="/articles", tags=["articles"])


async def existing(article_id: int, database: Database) -> Article:
    article = await database.get(Article, article_id)
    if article is None:
        raise HTTPException(404, "Article not found")
    return article


async def own(article: Annotated[Article, Depends(existing)], account: Account) -> Article:
    if article.author_id != account.id:
        raise HTTPException(403, "Not authorized")
    return article


@articles.get("/", response_model=list[ArticleOut])
async def newest(database: Database, skip: int = 0, limit: int = 100) -> Any:
    rows = await database.execute(select(Article).order_by(Article.created_at.desc()).offset(skip).limit(limit))
    return rows.scalars().all()


@articles.get("/{article_id}", response_model=ArticleOut)
async def one(article: Annotated[Article, Depends(existing)]) -> Any:
    return article


@articles.post("/", response_model=ArticleOut, status_code=201)
async def create(sent: ArticleIn, database: Database, account: Account) -> Any:
    article = Article(**sent.model_dump(), author_id=account.id)
    database.add(article)
    await database.commit()
    await database.refresh(article)
    return article


@articles.patch("/{article_id}", response_model=ArticleOut)
async def change(sent: ArticleChange, article: Annotated[Article, Depends(own)], database: Database) -> Any:
    for name, value in sent.model_dump(exclude_unset=True).items():
        setattr(article, name, value)
    await database.commit()
    await database.refresh(article)
    return article


@articles.delete("/{article_id}", status_code=204)
async def remove(article: Annotated[Article, Depends(own)], database: Database) -> None:
    await database.delete(article)
    await database.commit()


app = FastAPI(title="FastAPI Blog")
app.add_middleware(
    CORSMiddleware,
    allow_origins=settings.origins,
    allow_credentials=True,
    allow_methods=["*"],
    allow_headers=["*"],
)
app.include_router(auth)
app.include_router(articles)
